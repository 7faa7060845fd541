/** A block with its inner lines indented; what is nested in it keeps its own indentation. */
export function block(head: string, lines: string[]): string[] {
  return [`${head} {`, ...lines.map((line) => (line === "" ? "" : `    ${line}`)), "}"];
}
