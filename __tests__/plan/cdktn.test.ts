import execa from "execa";
import { copyForCdktn } from "../../packaging/cdktn";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { allSynths } from "../unit/stacks/all-synths";

interface Configuration {
  terraform: { required_providers: Record<string, { version?: string }> };
}

/** Without the versions of the providers; the framework's is not in it. */
function withoutVersions(text: string): Configuration {
  const configuration = JSON.parse(text) as Configuration;
  for (const provider of Object.values(configuration.terraform.required_providers)) {
    provider.version = undefined;
  }
  return configuration;
}

describe("every stack, made for CDK Terrain", () => {
  const name = runName("cdktn");
  const ours = allSynths();
  let directory: string;
  let theirs: Record<string, string>;

  beforeAll(async () => {
    directory = scratchDirectory(name);
    await copyForCdktn(directory, ["lib", "stacks", "environments", "__tests__/unit/stacks"]);
    const program = `console.log(JSON.stringify(require("./__tests__/unit/stacks/all-synths").allSynths()))`;
    const { stdout } = await execa(process.execPath, ["--import", "tsx", "--eval", program], { cwd: directory });
    theirs = JSON.parse(stdout);
  });
  afterAll(() => removeDirectory(directory));

  it("is synthesised by the other framework, and there is none more or less", () => {
    expect(Object.keys(theirs)).toEqual(Object.keys(ours));
  });

  it.each(Object.keys(ours))("%s differs in versions alone", (stack) => {
    expect(withoutVersions(theirs[stack])).toEqual(withoutVersions(ours[stack]));
  });
});
