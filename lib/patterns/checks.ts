import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";

/** What the patterns ask for alike. */
interface CommonProps {
  readonly caCertificatePem?: string;
  readonly certificate?: unknown;
  readonly everybody?: unknown;
  readonly users?: unknown;
}

/** A CA without its certificate would be ignored without a word. */
export function requireCertificateOfCa(where: Construct, { caCertificatePem, certificate }: CommonProps): void {
  if (caCertificatePem !== undefined && certificate === undefined) {
    throw invalidInput({
      where,
      field: "caCertificatePem",
      got: "a CA",
      expected: "none without the certificate that it has issued",
      fix: "give certificate too, or leave both out: the registry then has an authority of its own",
    });
  }
}

/** So would permissions of everybody where everybody may do everything. */
export function requireUsersBesideEverybody(where: Construct, { everybody, users }: CommonProps): void {
  if (everybody !== undefined && users === undefined) {
    throw invalidInput({
      where,
      field: "everybody",
      got: "permissions",
      expected: "nothing where there are no users: everybody may do everything then",
      fix: "give users, who may push, or leave everybody out",
    });
  }
}
