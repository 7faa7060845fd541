import { isIP, isIPv6 } from "node:net";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown } from "../core/validation";

/** RFC 1123 labels; a wildcard may stand for the left-most label only (RFC 9525, section 6.3). */
const DNS_NAME =
  /^(?=.{1,253}$)(?:\*\.(?=.*\.))?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

export function requireDnsNames(where: IConstruct, names: string[]): void {
  for (const [i, name] of names.entries()) {
    if (!isKnown(name) || (typeof name === "string" && DNS_NAME.test(name) && !isIP(name))) {
      continue;
    }
    throw invalidInput({
      where,
      field: `dnsNames[${i}]`,
      got: name,
      expected: "a DNS name without scheme, port or path; a * may stand for the first label only",
      fix: isIP(name) ? "move it to ipAddresses" : 'write a name such as "registry.example.com"',
    });
  }
}

export function requireIpAddresses(where: IConstruct, addresses: string[]): void {
  for (const [i, address] of addresses.entries()) {
    if (!isKnown(address) || (isIP(address) && !address.includes("%"))) {
      continue;
    }
    throw invalidInput({
      where,
      field: `ipAddresses[${i}]`,
      got: address,
      expected: "an IPv4 or IPv6 address without port, brackets or prefix length",
      fix: 'write an address such as "192.0.2.10"; names belong in dnsNames',
    });
  }
}

/** Whether a client that was told `host` accepts a certificate for these names (RFC 9525, section 6). */
export function coversHost(names: string[], host: string): boolean {
  const wanted = canonicalName(host);
  if (isIP(wanted)) {
    // An address is never matched by a wildcard or by a name that looks like it.
    return names.some((name) => canonicalName(name) === wanted);
  }
  const parent = wanted.slice(wanted.indexOf("."));
  return names.map(canonicalName).some((name) => name === wanted || (parent.startsWith(".") && name === `*${parent}`));
}

/** One spelling for each name: lower case, no final dot, the short form of an IPv6 address. */
export function canonicalName(name: string): string {
  if (isIPv6(name)) {
    return new URL(`http://[${name}]/`).hostname.slice(1, -1);
  }
  return name.toLowerCase().replace(/\.$/, "");
}
