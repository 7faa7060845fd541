import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import execa from "execa";
import { conclude, ExpectedFailure } from "../../bootstrap/failure";
import { goBuild } from "../../bootstrap/go";
import { project } from "../../bootstrap/project";
import { step } from "../../bootstrap/step";

const VERSION = "1.12.6";
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cdktf-docker-registry");
const tofu = join(cache, `opentofu-${VERSION}`, "tofu");

/** What a deploy asks of Terraform: plans of all environments, states elsewhere with their locks, two deploys, a start. */
const TESTS = ["__tests__/plan/environments", "__tests__/e2e/remote-state", "__tests__/e2e/http-registry"];

/** `npm run test:tofu`: tests with OpenTofu and no Terraform on PATH. */
async function main(): Promise<void> {
  await step("OpenTofu", "built from the sources of its release; 12 minutes of two cores the first time", async () => {
    if (!existsSync(tofu)) {
      const module = "github.com/opentofu/opentofu";
      const variables = { [`${module}/version.dev`]: "no" };
      await goBuild({ directory: __dirname, package: `${module}/cmd/tofu`, variables }, tofu);
    }
    return tofu;
  });
  const scratch = mkdtempSync(join(tmpdir(), "tofu-alone-"));
  try {
    const PATH = [join(tofu, ".."), ...withoutTerraform(scratch)].join(delimiter);
    const jest = ["jest", ...TESTS, "--selectProjects", "plan", "e2e", "--runInBand"];
    const { exitCode } = await execa("npx", jest, {
      cwd: project,
      // A settings file that is named and not there makes it print a warning into its JSON.
      env: { PATH, TERRAFORM_BINARY_NAME: "tofu", TF_CLI_CONFIG_FILE: settingsFile() },
      stdio: "inherit",
      reject: false,
    });
    if (exitCode !== 0) {
      throw new ExpectedFailure("the tests above failed with OpenTofu");
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function settingsFile(): string | undefined {
  const file = process.env.TF_CLI_CONFIG_FILE;
  return file !== undefined && existsSync(file) ? file : undefined;
}

/** The folders of PATH; one that has Terraform is replaced by links to all else in it. */
function withoutTerraform(scratch: string): string[] {
  return (process.env.PATH ?? "").split(delimiter).map((folder, i) => {
    if (!existsSync(join(folder, "terraform"))) {
      return folder;
    }
    const rest = join(scratch, String(i));
    mkdirSync(rest);
    for (const program of readdirSync(folder).filter((name) => name !== "terraform")) {
      symlinkSync(join(folder, program), join(rest, program));
    }
    return rest;
  });
}

conclude(main);
