import { ExpectedFailure } from "./failure";

/** JSON that a program printed, whatever warnings stand before it: Terraform writes those to the same stream. */
export function jsonOf(command: string, stdout: string): unknown {
  for (let start = stdout.search(/^[{[]/m); start >= 0; start = next(stdout, start)) {
    try {
      return JSON.parse(stdout.slice(start));
    } catch {
      // A line of a warning that begins like JSON.
    }
  }
  throw new ExpectedFailure(`${command} printed no JSON:\n${stdout.trim() || "nothing"}`);
}

function next(text: string, start: number): number {
  const further = text.slice(start + 1).search(/^[{[]/m);
  return further < 0 ? -1 : start + 1 + further;
}
