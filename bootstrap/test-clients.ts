import { existsSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, isRoot } from "./apt";
import { isInstalled, run } from "./command";
import { ExpectedFailure } from "./failure";
import { ensureGixy } from "./gixy";
import { goEnvironment, requireGo } from "./go";
import type { Progress } from "./step";

/** Only for the tests: Debian's packages are called as their commands are. */
const PACKAGES = ["skopeo", "wrk", "openssl", "sslscan", "shellcheck", "jq", "lego", "pebble", "chromium"];

const GO_PROGRAMS: { readonly [command: string]: string } = {
  crane: "github.com/google/go-containerregistry/cmd/crane@v0.22.1",
  oras: "oras.land/oras/cmd/oras@v1.3.6",
  regctl: "github.com/regclient/regclient/cmd/regctl@v0.11.7",
  // No client, but an S3 server for the clients' registry.
  versitygw: "github.com/versity/versitygw/cmd/versitygw@v1.8.0",
  // Reads the workflows of examples/ci.
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7",
};

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
  // Its programs are in a folder of their version, off PATH; the tests run a database of their own.
  if (!existsSync("/usr/lib/postgresql")) {
    progress("installing postgresql");
    await aptInstall(["postgresql"], "for the tests");
    missing.push("postgresql");
  }
  for (const [command, program] of Object.entries(GO_PROGRAMS)) {
    if (!(await isInstalled(command))) {
      progress(`building ${command}`);
      await installByGo(command, program);
      missing.push(command);
    }
  }
  if (await ensureGixy()) {
    missing.push("gixy");
  }
  return missing.length > 0 ? `${missing.join(", ")} installed` : "all are installed";
}

/** Into Go's own folder for programs where that is on PATH, as it is for most people who use Go. */
async function installByGo(command: string, program: string): Promise<void> {
  await requireGo();
  const goFolder = join((await run("go", ["env", "GOPATH"])).trim(), "bin");
  const onPath = (process.env.PATH ?? "").split(":").includes(goFolder);
  if (!onPath && !isRoot()) {
    throw new ExpectedFailure(`${goFolder} must be on PATH, since ${command}, which the tests use, is installed there`);
  }
  const GOBIN = onPath ? goFolder : "/usr/local/bin";
  await run("go", ["install", "-ldflags", "-s -w", program], { env: { ...goEnvironment(), GOBIN } });
}
