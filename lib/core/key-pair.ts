import type { IConstruct } from "constructs";
import { invalidInput } from "./errors";

/** What is needed to sign requests; neither where the machine says by itself who it is. */
export interface KeyPair {
  readonly accessKey?: string;
  readonly secretKey?: string;
}

/**
 * @param prop where the pair is written
 * @param fix what to do about one without the other
 */
export function requireBothOrNeither(where: IConstruct, prop: string, pair: KeyPair, fix: string): void {
  const { accessKey, secretKey } = pair;
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    throw invalidInput({
      where,
      field: accessKey === undefined ? `${prop}.accessKey` : `${prop}.secretKey`,
      got: undefined,
      expected: "both accessKey and secretKey, or neither",
      fix,
    });
  }
}
