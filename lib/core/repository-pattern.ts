import { Token } from "cdktf";
import { invalidInput } from "./errors";

// The grammar of the distribution specification.
const COMPONENT = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);

const LONGEST = 255;

/**
 * Refuses patterns that fit no name that a repository can have.
 *
 * If any name fits, then so does the one with `a` for each `*`: a letter can stand beside everything.
 */
export function requireRepositoryPattern(where: string, pattern: string): void {
  const isPattern =
    typeof pattern === "string" &&
    !Token.isUnresolved(pattern) &&
    pattern.length <= LONGEST &&
    pattern.split("/").every((component) => component === "**" || !component.includes("**")) &&
    REPOSITORY.test(pattern.replace(/\*+/g, "a"));
  if (!isPattern) {
    throw invalidInput({
      where,
      field: "repositories",
      got: Token.isUnresolved(pattern) ? "a value that is only known at deploy" : pattern,
      expected:
        "a pattern that fits some repository: lower-case letters, digits and single . _ - between them, components " +
        "separated by /, * for a component or part of one, ** alone for any number of components",
      fix: fixOf(pattern),
    });
  }
}

function fixOf(pattern: unknown): string {
  if (typeof pattern !== "string" || Token.isUnresolved(pattern) || pattern === "") {
    return 'write a pattern such as "team-a/**", or "**" for every repository';
  }
  const better = pattern
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/:.*$/, "")
    .split("/")
    .filter((component) => component !== "" && component !== "." && component !== "..")
    .map((component) => (component.includes("**") ? "**" : component))
    .join("/");
  return REPOSITORY.test(better.replace(/\*+/g, "a")) && better !== pattern
    ? `write "${better}", or "**" for every repository`
    : 'write a pattern such as "team-a/**", or "**" for every repository';
}
