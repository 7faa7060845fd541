import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const repository = path.join(__dirname, "..", "..", "..");

/** A text for people, by its path in the repository. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

const page = (file: string): Page => ({ file, text: readFileSync(path.join(repository, file), "utf8") });

const inDocs = readdirSync(path.join(repository, "docs"))
  .filter((file) => file.endsWith(".md"))
  .map((file) => `docs/${file}`)
  .sort();

/** Pages whose samples are run. */
const withSamples = ["README.md", ...inDocs].map(page);

/** Every page that describes the repository as it is; the changelog speaks of what it was, too. */
export const pages: readonly Page[] = [
  ...withSamples,
  ...["CONTRIBUTING.md", "SECURITY.md", "images/README.md", "providers/README.md"].map(page),
];

export const changelog = page("CHANGELOG.md");

export function textOf(file: string): string {
  return page(file).text;
}

/** A block of code in a page. */
export interface Sample {
  /** Its page, its heading, and its place among the blocks of its language there. */
  readonly name: string;
  readonly code: string;
  /** Whether it is a file of environments/, where all others are of a project that installed the package. */
  readonly isEnvironment: boolean;
  /** Whether it is an app of its own, where all others add to a `stack` that is there. */
  readonly isApp: boolean;
}

export function samples(language: string): Sample[] {
  return withSamples.flatMap(({ file, text }) =>
    // A block within a list is indented.
    [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm"))].map((match, i) => {
      const [, indent, block] = match;
      const code = block.replace(new RegExp(`^${indent}`, "gm"), "");
      const heading =
        text
          .slice(0, match.index)
          .match(/^#+ .*$/gm)
          ?.at(-1) ?? "";
      return {
        name: `${file} ${i + 1} (${heading.replace(/^#+ /, "")})`,
        code,
        isEnvironment: code.includes('"../lib"'),
        isApp: code.includes("new App()"),
      };
    }),
  );
}
