/** What a page is about, as its address says after the `#`. */
export type Place =
  | { readonly kind: "repositories" }
  | { readonly kind: "repository"; readonly repository: string }
  | { readonly kind: "image"; readonly repository: string; readonly reference: string }
  | { readonly kind: "unknown"; readonly address: string };

const REPOSITORY = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*)*";
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const DIGEST = "[a-z0-9]+:[0-9a-fA-F]{32,}";
const ADDRESS = new RegExp(`^#/(${REPOSITORY})(?::(${TAG})|@(${DIGEST}))?$`);

/** Reads an address such as `#/team/app:1.2`: what stands behind the slash is the image as clients name it. */
export function placeOf(hash: string): Place {
  if (/^#?\/?$/.test(hash)) {
    return { kind: "repositories" };
  }
  const [, repository, tag, digest] = ADDRESS.exec(hash) ?? [];
  if (repository === undefined) {
    return { kind: "unknown", address: hash };
  }
  const reference = tag ?? digest;
  return reference === undefined ? { kind: "repository", repository } : { kind: "image", repository, reference };
}

/** The address of a place. */
export function addressOf(repository: string, reference?: string): string {
  return `#/${imageName(repository, reference)}`;
}

/** `team/app:1.2` or `team/app@sha256:…`. */
export function imageName(repository: string, reference?: string): string {
  return reference === undefined ? repository : `${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
}

export function isDigest(reference: string): boolean {
  return reference.includes(":");
}

/** The tags by which clients attach signatures and other artifacts to a digest where there is no API for it. */
export function attachedTo(tag: string): string | undefined {
  const [, algorithm, hex] = /^(sha256|sha512)-([0-9a-f]{64,128})(?:\.[a-z0-9]+)?$/.exec(tag) ?? [];
  return algorithm && `${algorithm}:${hex}`;
}

/** What such a tag of cosign's holds. */
export function attachmentKind(tag: string): string | undefined {
  return { sig: "signature", att: "attestation", sbom: "SBOM" }[/\.([a-z0-9]+)$/.exec(tag)?.[1] ?? ""];
}
