import { Annotations, Token } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";

// The grammar of https://pkg.go.dev/github.com/distribution/reference, anchored.
const HOST = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`;
const COMPONENT = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const REFERENCE = new RegExp(
  String.raw`^(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*(?::(?<tag>\w[\w.-]{0,127}))?(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

export function requireImageReference(where: string, reference: string): void {
  if (!Token.isUnresolved(reference) && !REFERENCE.test(reference)) {
    throw invalidInput({
      where,
      field: "reference",
      got: reference,
      expected: "an image reference, [host[:port]/]repository[:tag][@digest] with the repository in lower case",
      fix: "write it as `docker pull` takes it, such as registry:3 or registry.example.com/infra/nginx:1.28",
    });
  }
}

/** A moving tag makes the same plan deploy different software from one day to the next. */
export function warnAboutMovingTag(scope: IConstruct, reference: string): void {
  const match = REFERENCE.exec(reference);
  const tag = match?.groups?.tag ?? "latest";
  if (match && !match.groups?.digest && tag === "latest") {
    Annotations.of(scope).addWarning(
      `image ${reference} has no fixed version: what runs depends on the day it was pulled. Fix: name a version, such as ${reference.replace(/:latest$/, "")}:3.1.`,
    );
  }
}
