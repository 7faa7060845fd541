import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeNewFile } from "./new-file";

/**
 * The key of the digests: `REVIEW_KEY`, or a file that the first review of a checkout makes. Two machines agree about a
 * fingerprint only with the same key; whoever has the key can try guesses of a secret against a digest.
 */
export function reviewKey(file: string): string {
  const given = process.env.REVIEW_KEY;
  if (given !== undefined && given !== "") {
    if (given.length < 32) {
      throw new Error("REVIEW_KEY is shorter than 32 characters. Fix: make one with openssl rand -hex 32");
    }
    return given;
  }
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeNewFile(file, randomBytes(32).toString("hex"), 0o600);
  }
  return readFileSync(file, "utf8");
}
