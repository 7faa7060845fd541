import { writeFileSync } from "node:fs";
import type { Review } from "../model/change";
import { exitCode } from "../model/policy";
import { type Digests, renderJson } from "../render/json";
import { renderMarkdown } from "../render/markdown";
import { renderTerminal } from "../render/terminal";
import type { Format, ReviewOptions } from "./options";

/** Prints the report, and writes it as JSON where that is asked for. */
export function report({ format, json }: ReviewOptions, review: Review, digests: Digests): void {
  if (json !== undefined) {
    writeFileSync(json, renderJson(review, digests));
  }
  process.stdout.write(render(format, review, digests));
  process.exitCode = exitCode(review);
}

function render(format: Format, review: Review, digests: Digests): string {
  switch (format) {
    case "terminal":
      return renderTerminal(review, { colour: process.stdout.isTTY === true && !process.env.NO_COLOR });
    case "markdown":
      return renderMarkdown(review);
    case "json":
      return renderJson(review, digests);
  }
}
