import type { EnvironmentReview } from "../model/change";
import { fence } from "./quoting";

/** The diagram, folded: GitHub and GitLab draw it in a comment. */
export function pictureBlock({ picture }: EnvironmentReview): string[] {
  return picture === undefined
    ? []
    : [`<details><summary>What it is made of then</summary>\n\n${fence(picture, "mermaid")}\n\n</details>`];
}
