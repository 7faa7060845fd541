import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

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
    const incoming = `${file}.${process.pid}`;
    writeFileSync(incoming, randomBytes(32).toString("hex"), { mode: 0o600 });
    try {
      // Whole, and never over another one's.
      linkSync(incoming, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    } finally {
      rmSync(incoming);
    }
  }
  return readFileSync(file, "utf8");
}
