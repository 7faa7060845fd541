import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "./errors";

/** Terraform fills tokens in at deploy time: nothing can be said about them at synth. */
export function isKnown(value: unknown): boolean {
  return value !== undefined && !Token.isUnresolved(value);
}

export function requireWholeNumber(
  where: IConstruct | string,
  field: string,
  got: unknown,
  range: { min: number; max: number; example: number },
): void {
  if (!isKnown(got)) {
    return;
  }
  if (typeof got !== "number" || !Number.isInteger(got) || got < range.min || got > range.max) {
    throw invalidInput({
      where,
      field,
      got,
      expected: `a whole number from ${range.min} to ${range.max}`,
      fix: `write a number such as ${range.example}, without quotes`,
    });
  }
}

export function requirePort(where: IConstruct | string, field: string, got: unknown): void {
  requireWholeNumber(where, field, got, { min: 1, max: 65535, example: 5000 });
}

/** Enums are strings to JavaScript, and to whoever casts. */
export function requireOneOf(where: IConstruct | string, field: string, got: unknown, allowed: string[]): void {
  if (isKnown(got) && !allowed.includes(got as string)) {
    throw invalidInput({
      where,
      field,
      got,
      expected: `one of ${allowed.join(", ")}`,
      fix: `write one of them, such as "${allowed[0]}"`,
    });
  }
}

/** An absolute URL of http or https; a path is allowed. */
export function requireHttpUrl(where: IConstruct | string, field: string, got: string | undefined): void {
  if (!isKnown(got) || (typeof got === "string" && /^https?:\/\/[^/\s@]+(\/\S*)?$/.test(got) && URL.canParse(got))) {
    return;
  }
  const bare = String(got)
    .replace(/^[a-z]*:?\/\//i, "")
    .replace(/^[^/]*@/, "");
  throw invalidInput({
    where,
    field,
    // A password in it must not end in a log.
    got: typeof got === "string" ? got.replace(/[^/]*@/, "(login)@") : got,
    expected: "a URL with its scheme, http:// or https://, and without user or password",
    fix: `write it like "https://${bare || "example.com"}"`,
  });
}

/** `host:port`, as everything takes it that is no HTTP. */
export function requireAddress(where: IConstruct | string, field: string, got: string | undefined): void {
  if (isKnown(got) && !/^(\[[0-9a-fA-F:]+\]|[a-zA-Z0-9_.-]+):[0-9]{1,5}$/.test(String(got))) {
    throw invalidInput({
      where,
      field,
      got,
      expected: "host and port, without a scheme",
      fix: `write it like "${
        String(got)
          .replace(/^[a-z+]+:\/\//i, "")
          .replace(/[:/].*$/, "") || "example.com"
      }:1234"`,
    });
  }
}
