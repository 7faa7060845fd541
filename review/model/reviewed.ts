import { drifted, type Fingerprint } from "./fingerprint";

/** What somebody has read. */
export interface ReadPlan {
  readonly environment: string;
  readonly fingerprint: string;
  /** Not set where they are on another machine. */
  readonly digests?: Fingerprint["parts"];
  /** The command to read it again. */
  readonly command: string;
}

/** Another plan came out than the one that was read. */
export class NotReviewed extends Error {}

/**
 * @param now not set where nothing changes
 * @throws {NotReviewed} when that is not what was read
 */
export function requireReviewed(read: ReadPlan, now: Fingerprint | undefined): void {
  if (now?.id === read.fingerprint) {
    return;
  }
  const again = `nothing was applied. Fix: read it again (${read.command}) and deploy what you have read`;
  if (now === undefined) {
    throw new NotReviewed(`there is nothing to change any more: somebody has deployed it meanwhile; ${again}`);
  }
  const which =
    read.digests === undefined
      ? "which argument that is cannot be told, since the review was made elsewhere; a review made with another key never fits"
      : drifted(read.digests, now.parts).slice(0, 20).join("\n    ");
  throw new NotReviewed(`the plan is not the one that was reviewed; ${again}\n    ${which}`);
}
