import { readFileSync } from "node:fs";
import path from "node:path";

export const repository = path.join(__dirname, "..", "..", "..");

export const readme = readFileSync(path.join(repository, "README.md"), "utf8");

/** A ```ts block of the README. */
export interface Sample {
  /** Its heading and its place among all. */
  readonly name: string;
  readonly code: string;
  /** Whether it is a file of this repository, where all others are of a project that installed the package. */
  readonly isEnvironment: boolean;
}

export function samples(): Sample[] {
  return [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, i) => {
    const [heading] = readme
      .slice(0, match.index)
      .match(/^#+ .*$/gm)
      ?.slice(-1) ?? [""];
    const [, code] = match;
    return { name: `${i + 1} (${heading.replace(/^#+ /, "")})`, code, isEnvironment: code.includes('"../lib"') };
  });
}
