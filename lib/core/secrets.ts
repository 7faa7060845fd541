import type { IConstruct } from "constructs";
import { invalidInput } from "./errors";
import { isKnown } from "./validation";

/**
 * Refuses a secret that is written in the code: it would be in every copy of it and, in clear, in the synth output.
 * What is not set is no fault here.
 *
 * @param otherwise what else helps, after a comma
 */
export function requireSecret(where: IConstruct | string, field: string, got: unknown, otherwise = ""): void {
  if (isKnown(got)) {
    throw invalidInput({
      where,
      field,
      // Not the text itself: an error ends in logs.
      got: got === "" ? "" : "a text",
      expected: "a sensitive variable: what is written in the code is in every copy of it and in the synth output",
      fix: `pass \`new TerraformVariable(this, "secret", { type: "string", sensitive: true }).stringValue\`${otherwise}`,
    });
  }
}

/** Names of headers whose values let somebody in. */
const SECRET_HEADER = /^(proxy-)?authorization$|^cookie$|token|secret|password|api-?key/i;

/** The same for headers; those that carry no secret may be written in the code. */
export function requireSecretHeaders(
  where: IConstruct | string,
  field: string,
  headers: { readonly [name: string]: string[] } = {},
): void {
  for (const [name, values] of Object.entries(headers)) {
    for (const value of SECRET_HEADER.test(name) ? values : []) {
      requireSecret(where, `${field}.${name}`, value);
    }
  }
}
