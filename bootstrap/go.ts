import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { isInstalled, run } from "./command";
import { ExpectedFailure } from "./failure";

/** A main package that the Go module in `directory` names as its tool; go.sum there pins every byte. */
export interface GoProgram {
  readonly directory: string;
  readonly package: string;
  readonly tags?: string;
  /** Variables that get a value at link time, such as `main.version`. */
  readonly variables?: Record<string, string>;
}

/** The same bytes on every machine: no paths, no time, no version control in them; and static, for `FROM scratch`. */
const REPRODUCIBLE = { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -trimpath -buildvcs=false", GOWORK: "off" };

export async function goBuild(program: GoProgram, output: string): Promise<void> {
  await requireGo();
  const variables = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const args = ["build", "-tags", program.tags ?? "", "-ldflags", ["-s -w", ...variables].join(" ")];
  mkdirSync(dirname(output), { recursive: true });
  // Built beside its place, so that a build that is cut short leaves nothing that looks finished.
  const partial = `${output}.partial-${process.pid}`;
  await run("go", [...args, "-o", partial, program.package], { cwd: program.directory, env: goEnvironment() });
  chmodSync(partial, 0o755);
  renameSync(partial, output);
}

/** Go and the engine use the same names; Node differs for two. */
export const goArchitecture = (): string => ({ x64: "amd64", ia32: "386" })[process.arch as string] ?? process.arch;

/** A distribution's older Go may fetch the one that go.mod asks for. */
export const goEnvironment = (): NodeJS.ProcessEnv => ({
  ...REPRODUCIBLE,
  GOTOOLCHAIN: process.env.GOTOOLCHAIN ?? "auto",
});

export async function requireGo(): Promise<void> {
  if (!(await isInstalled("go"))) {
    throw new ExpectedFailure(
      "neither Terraform's nor an image registry is reachable for all that is needed, so it is built, and Go 1.21 or newer is needed for that: https://go.dev/doc/install",
    );
  }
}
