import { structuredPatch } from "diff";
import type { TextChange } from "./change";

const CONTEXT = 3;

/** How a text changed, with three lines around. */
export function textChange(name: string, before: string, after: string): TextChange | undefined {
  if (before === after) {
    return undefined;
  }
  const { hunks } = structuredPatch(name, name, before, after, undefined, undefined, { context: CONTEXT });
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return {
    name,
    added: lines.filter((line) => line.startsWith("+")).length,
    removed: lines.filter((line) => line.startsWith("-")).length,
    hunks: hunks.map((hunk) => ({
      header: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
      lines: hunk.lines.filter((line) => !line.startsWith("\\")),
    })),
  };
}

/** One that holds secrets: that it is another one is all that is said. */
export const secretText = (name: string): TextChange => ({ name, added: 0, removed: 0, hunks: [] });
