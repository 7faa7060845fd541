import type { Review } from "../model/change";
import { type Digests, renderJson } from "../render/json";
import { renderMarkdown } from "../render/markdown";
import { renderTerminal } from "../render/terminal";

export const FORMATS = ["terminal", "markdown", "json"] as const;

export type Format = (typeof FORMATS)[number];

export function render(format: Format, review: Review, digests?: Digests): string {
  switch (format) {
    case "terminal":
      return renderTerminal(review, { colour: process.stdout.isTTY === true && !process.env.NO_COLOR });
    case "markdown":
      return renderMarkdown(review);
    case "json":
      return renderJson(review, digests);
  }
}
