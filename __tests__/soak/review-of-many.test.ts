import fs from "node:fs";
import path from "node:path";
import { App } from "cdktf";
import { Policy } from "../../review/model/policy";
import { LONGEST_COMMENT, renderMarkdown } from "../../review/render/markdown";
import { makePlan } from "../../review/run/plan";
import { reviewStacks, type StackToReview } from "../../review/run/review-stacks";
import { registryWords } from "../../review/words/docker-registry";
import { Deployment } from "../../testing/machine/deployment";
import { freePort } from "../../testing/machine/ports";
import { httpRegistry } from "../../testing/stacks/adjusted-registry";

const COUNT = Number(process.env.REVIEW_ENVIRONMENTS ?? 50);

/** One registry stands for all: stacks of other names find it in their state and want to replace each of its volumes. */
describe(`a review of ${COUNT} environments`, () => {
  let deployment: Deployment;
  let stacks: StackToReview[];

  beforeAll(async () => {
    const port = await freePort();
    deployment = Deployment.of("reviewmany", httpRegistry(port));
    await deployment.apply();
    const deployed = path.join(deployment.directory, "cdktf.out", "stacks", deployment.id);
    const state = deployment.state();
    stacks = Array.from({ length: COUNT }, (_, i) => {
      const name = `${deployment.id}-${i}`;
      const outdir = path.join(deployment.directory, name);
      const app = new App({ outdir });
      httpRegistry(port)(app, name);
      app.synth();
      const folder = path.join(outdir, "stacks", name);
      const file = path.join(folder, "cdk.tf.json");
      const configuration = JSON.parse(fs.readFileSync(file, "utf8"));
      configuration.terraform.backend = { local: { path: path.join(outdir, "terraform.tfstate") } };
      fs.writeFileSync(file, JSON.stringify(configuration));
      fs.writeFileSync(path.join(outdir, "terraform.tfstate"), state);
      // Which backend it was initialised with is noted by its path.
      fs.cpSync(path.join(deployed, ".terraform"), path.join(folder, ".terraform"), { recursive: true });
      fs.copyFileSync(path.join(deployed, ".terraform.lock.hcl"), path.join(folder, ".terraform.lock.hcl"));
      const note = path.join(folder, ".terraform", "terraform.tfstate");
      const noted = fs.readFileSync(note, "utf8").replaceAll(deployment.directory, outdir);
      fs.writeFileSync(note, noted);
      return { name, folder, terraform: { command: process.env.TERRAFORM_BINARY_NAME ?? "terraform" } };
    });
  });
  afterAll(() => deployment?.cleanUp());

  it("is one comment that shows every dangerous change, and costs at most 1.2 times the plans alone", async () => {
    const file = path.join(deployment.directory, "alone.tfplan");
    const alone = async () => {
      const started = Date.now();
      for (const stack of stacks) {
        await makePlan({ ...stack, file });
      }
      return Date.now() - started;
    };
    const reviewed = async () => {
      const started = Date.now();
      const { environments } = await reviewStacks({ stacks, words: [registryWords], key: "a key".repeat(10) });
      const text = renderMarkdown(Policy.parse("").apply(environments));
      return { text, ms: Date.now() - started };
    };
    const before = await alone();
    const { text, ms } = await reviewed();
    const after = await alone();
    const plans = (before + after) / 2;
    console.info(
      `${COUNT} plans: ${before} and ${after} ms; reviewed: ${ms} ms; ratio ${(ms / plans).toFixed(2)}; ${text.length} characters`,
    );
    expect(text.length).toBeLessThanOrEqual(LONGEST_COMMENT);
    for (const { name } of stacks) {
      expect(text).toContain(`${name}: Registry/Data replace`);
      expect(text).toMatch(new RegExp(`npm run deploy -- ${name} --reviewed [0-9a-f]{32}`));
    }
    expect(ms / plans).toBeLessThan(1.2);
  }, 7_200_000);
});
