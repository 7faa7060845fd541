import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { packReview } from "../../packaging/npm-package";
import { repository } from "../../testing/machine/checkout";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";

describe("the review as a package, in a project that has nothing of this library", () => {
  const name = runName("reviewpackage");
  let project: string;

  const run = (command: string, args: string[], cwd = project) =>
    execa(command, args, { cwd, env: { CHECKPOINT_DISABLE: "1", TF_VAR_token: "canary-of-a-token" }, reject: false });
  const review = (...args: string[]) => run("node", ["node_modules/cdktf-plan-review/dist/main.js", ...args]);
  const deploy = (...args: string[]) => run("node", ["node_modules/cdktf-plan-review/dist/deploy.js", ...args]);

  const write = (replicas: number) =>
    fs.writeFileSync(
      path.join(project, "main.js"),
      `
const { App, LocalBackend, TerraformResource, TerraformStack, TerraformVariable } = require("cdktf");
class Data extends TerraformResource {
  constructor(scope, id, values) { super(scope, id, { terraformResourceType: "terraform_data" }); this.values = values; }
  synthesizeAttributes() { return this.values; }
}
const app = new App();
const network = new TerraformStack(app, "network");
const shop = new TerraformStack(app, "shop");
shop.addDependency(network);
new LocalBackend(network, { path: "../../../network.tfstate" });
new LocalBackend(shop, { path: "../../../shop.tfstate" });
new Data(network, "Address", { input: "10.0.0.0/8" });
const token = new TerraformVariable(shop, "token", { type: "string", sensitive: true });
new Data(shop, "Service", { triggers_replace: { replicas: ${replicas}, token: token.stringValue } });
app.synth();
`,
    );

  beforeAll(async () => {
    project = scratchDirectory(name);
    const modules = path.join(project, "node_modules");
    fs.mkdirSync(path.join(modules, "cdktf-plan-review"), { recursive: true });
    const tarball = await packReview(project);
    await execa("tar", ["-xzf", tarball, "--strip-components=1"], { cwd: path.join(modules, "cdktf-plan-review") });
    fs.rmSync(tarball);
    for (const dependency of ["cdktf", "constructs", ...dependencies(modules)]) {
      fs.symlinkSync(path.join(repository, "node_modules", dependency), path.join(modules, dependency));
    }
    fs.writeFileSync(path.join(project, "cdktf.json"), JSON.stringify({ app: "node main.js" }));
    fs.writeFileSync(path.join(project, ".gitignore"), "node_modules\ncdktf.out\n*.tfstate*\n.review-key\n");
    write(1);
    for (const args of [
      ["init", "--quiet"],
      ["add", "--all"],
    ]) {
      await execa("git", args, { cwd: project });
    }
    await execa(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=first"],
      {
        cwd: project,
      },
    );
  });
  afterAll(() => removeDirectory(project));

  /** What its package.json says that it needs, and nothing else. */
  function dependencies(modules: string): string[] {
    const file = path.join(modules, "cdktf-plan-review", "package.json");
    return Object.keys(JSON.parse(fs.readFileSync(file, "utf8")).dependencies);
  }

  it("plans its stacks in the order in which they depend on each other", async () => {
    const { exitCode, stdout, stderr } = await review("--format", "json");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
    const { environments } = JSON.parse(stdout);
    expect(environments.map(({ environment }: { environment: string }) => environment)).toEqual(["network", "shop"]);
  });

  it("applies what was read, and nothing else", async () => {
    const report = path.join(project, "review.json");
    expect(await review("shop", "--json", report)).toMatchObject({ exitCode: 2 });
    const [{ fingerprint }] = JSON.parse(fs.readFileSync(report, "utf8")).environments;
    const reviewed = ["shop", "--reviewed", fingerprint, "--report", report];
    write(3);
    expect(await deploy(...reviewed)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("terraform_data.Service triggers_replace: is another one"),
    });
    write(1);
    const { exitCode, stdout, stderr } = await deploy(...reviewed);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: expect.stringContaining("1 added"), stderr });
    expect(await deploy(...reviewed)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("nothing to change any more"),
    });
  });

  it("says what forces a replacement, shows no secret, and knows when nothing changes", async () => {
    expect(await review("shop")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("unchanged: shop") });
    write(2);
    const { exitCode, stdout, stderr } = await review("shop");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining("Service is replaced, forced by triggers_replace"),
    });
    expect(stdout).toContain("triggers_replace.replicas: 1 → 2");
    expect(`${stdout}${stderr}`).not.toContain("canary");
  });

  it("compares with a commit", async () => {
    const { exitCode, stdout } = await review("--against", "HEAD", "--format", "markdown");
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 2, stdout: expect.stringContaining("it is no plan") });
    expect(stdout).toContain("**Service** differs");
    expect(stdout).toContain("Unchanged: `network`");
  });
});
