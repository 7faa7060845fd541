import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentReview } from "../review/model/change";
import type { Fingerprint } from "../review/model/fingerprint";
import { REMOVED } from "../review/model/synth-review";
import { reviewKey } from "../review/run/key";
import { TerraformError } from "../review/run/plan";
import { reportedDigests } from "../review/run/reported-digests";
import type { StackToReview } from "../review/run/review-stacks";
import { initialise } from "./deploy";
import { Docker } from "./docker";
import { environmentNamed } from "./environment";
import { ExpectedFailure } from "./failure";
import { project } from "./project";
import type { Progress } from "./step";
import { folder } from "./synthesised";
import { findTerraform, terraformFailure } from "./terraform";

const STATE = join(project, "state");
const REVIEWED = join(STATE, ".reviewed");
const KEPT = 200;

/** The key of the digests, beside the state: whoever reads that knows the secrets anyway. */
export const key = (): string => reviewKey(join(STATE, ".review-key"));

/** An environment as Terraform plans it: initialised, and for the engine that it names. */
export async function stackToReview(name: string, progress: Progress): Promise<StackToReview> {
  const terraform = await findTerraform();
  const docker = new Docker(await environmentNamed(name));
  await initialise(terraform, name, progress);
  return { name, folder: folder(name), terraform: { command: terraform.command, env: docker.shellWithoutEngine() } };
}

export function explained(error: unknown, cwd: string): string {
  if (error instanceof TerraformError) {
    return terraformFailure(error.subcommand, error.output, cwd).message;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Writes down the digests of plans that were read, so that a deploy can name the argument that is another one. */
export function noteReviewed(
  reviews: readonly EnvironmentReview[],
  digests: Readonly<Record<string, Fingerprint["parts"]>>,
): void {
  mkdirSync(REVIEWED, { recursive: true, mode: 0o700 });
  for (const { environment, fingerprint } of reviews) {
    if (fingerprint !== undefined) {
      writeFileSync(noteOf(environment, fingerprint), JSON.stringify(digests[environment]), { mode: 0o600 });
    }
  }
  const notes = readdirSync(REVIEWED).map((name) => join(REVIEWED, name));
  const byAge = notes.map((file) => ({ file, at: statSync(file).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { file } of byAge.slice(KEPT)) {
    rmSync(file, { force: true });
  }
}

/**
 * Not set where another checkout made the review and its report is not at hand.
 *
 * @param report the review as JSON
 */
export function digestsOf(environment: string, fingerprint: string, report?: string): Fingerprint["parts"] | undefined {
  const note = noteOf(environment, fingerprint);
  if (report !== undefined) {
    return reportedDigests(environment, fingerprint, report);
  }
  return existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : undefined;
}

function noteOf(environment: string, fingerprint: string): string {
  if (!/^[0-9a-f]{32}$/.test(fingerprint)) {
    throw new ExpectedFailure(
      `"${fingerprint}" is no fingerprint: it has 32 hexadecimal digits, as npm run review prints them`,
    );
  }
  return join(REVIEWED, `${environment}-${fingerprint}.json`);
}

/** Environments whose state is here and which the code has no more. */
export function removedEnvironments(known: readonly string[]): EnvironmentReview[] {
  const states = existsSync(STATE) ? readdirSync(STATE).filter((file) => file.endsWith(".tfstate")) : [];
  return states
    .filter((file) => !known.includes(file.slice(0, -".tfstate".length)) && holdsResources(join(STATE, file)))
    .map((file) => ({
      environment: file.slice(0, -".tfstate".length),
      kind: "plan",
      changes: [],
      outputs: [],
      findings: [REMOVED],
      drift: [],
    }));
}

function holdsResources(file: string): boolean {
  const text = readFileSync(file, "utf8");
  return text !== "" && (JSON.parse(text).resources ?? []).length > 0;
}
