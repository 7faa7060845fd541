import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";

/** Certificates with every fault a user may hand in, made in memory: Node reads certificates but cannot issue them. */
export interface Issue {
  readonly subject?: string;
  readonly names?: string[];
  readonly isCa?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extendedKeyUsages?: string[];
  readonly key?: Key;
  /** Signs itself when left out. */
  readonly issuer?: Issued;
}

export interface Key {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Issued {
  readonly subject: string;
  readonly key: Key;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const DAY = 24 * 60 * 60 * 1000;

export function ecdsaKey(): Key {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

export function rsaKey(bits: number): Key {
  return generateKeyPairSync("rsa", { modulusLength: bits });
}

export function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY);
}

export function issue(wanted: Issue = {}): Issued {
  const subject = wanted.subject ?? "registry.example.com";
  const key = wanted.key ?? ecdsaKey();
  const signer = wanted.issuer ?? { subject, key };
  const algorithm =
    signer.key.privateKey.asymmetricKeyType === "rsa"
      ? sequence(oid("1.2.840.113549.1.1.11"), Buffer.from([0x05, 0x00]))
      : sequence(oid("1.2.840.10045.4.3.2"));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(createHash("sha256").update(subject).digest().subarray(0, 8)),
    algorithm,
    distinguishedName(signer.subject),
    sequence(time(wanted.notBefore ?? daysFromNow(-1)), time(wanted.notAfter ?? daysFromNow(30))),
    distinguishedName(subject),
    key.publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions(wanted))),
  );
  const signature = sign("sha256", body, signer.key.privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    subject,
    key,
    certificatePem: `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    privateKeyPem: key.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function extensions({ names = ["registry.example.com"], isCa = false, extendedKeyUsages }: Issue): Buffer[] {
  const all = [extension("2.5.29.19", isCa ? sequence(tagged(0x01, Buffer.from([0xff]))) : sequence())];
  if (names.length > 0) {
    all.push(extension("2.5.29.17", sequence(...names.map(generalName))));
  }
  if (extendedKeyUsages !== undefined) {
    all.push(extension("2.5.29.37", sequence(...extendedKeyUsages.map(oid))));
  }
  return all;
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tagged(0x04, value));
}

function generalName(name: string): Buffer {
  if (isIP(name) === 4) {
    return tagged(0x87, Buffer.from(name.split(".").map(Number)));
  }
  if (isIP(name) === 6) {
    const [head, tail = []] = name.split("::").map((half) => half.split(":").filter(Boolean));
    const words = [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
    return tagged(0x87, Buffer.concat(words.map((word) => Buffer.from(word.padStart(4, "0"), "hex"))));
  }
  return tagged(0x82, Buffer.from(name));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid("2.5.4.3"), tagged(0x0c, Buffer.from(commonName)))));
}

function time(at: Date): Buffer {
  return tagged(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes[0] > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) {
      digits.unshift((left & 127) | 128);
    }
    bytes.push(...digits);
  }
  return tagged(0x06, Buffer.from(bytes));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
