import { join } from "node:path";
import { aptInstall, isRoot } from "./apt";
import { isInstalled, run } from "./command";
import { ExpectedFailure } from "./failure";
import { goEnvironment, requireGo } from "./go";
import type { Progress } from "./step";

/** Only for the tests: Debian's packages are called as their commands are. */
const PACKAGES = ["skopeo", "wrk", "openssl", "sslscan", "shellcheck"];

const CRANE = "github.com/google/go-containerregistry/cmd/crane@v0.22.1";

export async function ensureClients(progress: Progress): Promise<string> {
  const missing: string[] = [];
  for (const command of PACKAGES) {
    if (!(await isInstalled(command))) {
      missing.push(command);
    }
  }
  if (missing.length > 0) {
    progress(`installing ${missing.join(", ")}`);
    await aptInstall(missing, "for the tests");
  }
  if (!(await isInstalled("crane"))) {
    progress("building crane");
    await installCrane();
    missing.push("crane");
  }
  return missing.length > 0 ? `${missing.join(", ")} installed` : "all are installed";
}

/** Into Go's own folder for programs where that is on PATH, as it is for most people who use Go. */
async function installCrane(): Promise<void> {
  await requireGo();
  const goFolder = join((await run("go", ["env", "GOPATH"])).trim(), "bin");
  const onPath = (process.env.PATH ?? "").split(":").includes(goFolder);
  if (!onPath && !isRoot()) {
    throw new ExpectedFailure(`${goFolder} must be on PATH, since the tests' client crane is installed there`);
  }
  const GOBIN = onPath ? goFolder : "/usr/local/bin";
  await run("go", ["install", "-ldflags", "-s -w", CRANE], { env: { ...goEnvironment(), GOBIN } });
}
