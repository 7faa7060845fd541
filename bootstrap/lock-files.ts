import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeNewFile } from "../review/run/new-file";
import { builtVersion } from "./providers";

/** What a stack says of a provider. */
interface RequiredProvider {
  readonly source: string;
  readonly version: string;
}

/** Where a stack lies below the folder of the synth. */
interface StackPaths {
  readonly workingDirectory: string;
  readonly synthesizedStackPath: string;
}

/**
 * Names the providers that were built here in the lock files of the stacks. cdktf asks Terraform's registry for the
 * checksums of all that a lock file does not name, whatever is installed, and fails where no registry answers.
 */
export function lockBuiltProviders(outdir: string, stacks: Record<string, StackPaths>): void {
  for (const { workingDirectory, synthesizedStackPath } of Object.values(stacks)) {
    const { terraform } = JSON.parse(readFileSync(join(outdir, synthesizedStackPath), "utf8"));
    const file = join(outdir, workingDirectory, ".terraform.lock.hcl");
    const lock = existsSync(file) ? readFileSync(file, "utf8") : "";
    const missing = missingEntries(lock, Object.values(terraform.required_providers), builtVersion);
    if (missing !== "") {
      writeLock(file, lock, missing);
    }
  }
}

function writeLock(file: string, lock: string, missing: string): void {
  if (lock === "") {
    writeNewFile(file, missing);
  } else {
    writeFileSync(file, lock + missing);
  }
}

/** Without checksums, which differ from one machine's build to another's: `terraform init` adds them. */
export function missingEntries(
  lock: string,
  required: readonly RequiredProvider[],
  versionOf: (source: string) => string | undefined,
): string {
  const entries = required.map(({ source, version: constraints }) => {
    // The name that cdktf looks for, also where OpenTofu is used.
    const head = `provider "registry.terraform.io/${source}"`;
    const version = versionOf(source);
    return version === undefined || lock.includes(head)
      ? ""
      : `${head} {\n  version     = "${version}"\n  constraints = "${constraints}"\n}\n`;
  });
  return entries.join("");
}
