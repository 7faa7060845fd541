import { DataTlsCertificate } from "@cdktf/provider-tls/lib/data-tls-certificate";
import { TerraformOutput, TerraformVariable, Testing } from "cdktf";
import { Certificate, requireHostCovered } from "../../../lib/tls/certificate";
import { stackWithTls } from "../synth";
import { daysFromNow, ecdsaKey, type Issue, issue, rsaKey } from "./x509";

function fromPem(certificateChainPem: string, privateKeyPem: string, stack = stackWithTls()): Certificate {
  return Certificate.fromPem(stack, "Certificate", { certificateChainPem, privateKeyPem });
}

function given(wanted: Issue, stack = stackWithTls()): Certificate {
  const { certificatePem, privateKeyPem } = issue(wanted);
  return fromPem(certificatePem, privateKeyPem, stack);
}

/** Validations run only when the whole stack is synthesised. */
function synth(wanted: Issue): string {
  const stack = stackWithTls();
  given(wanted, stack);
  return Testing.synth(stack, true);
}

describe("a certificate from PEM", () => {
  test("tells its names and its end", () => {
    const notAfter = new Date("2099-05-06T07:08:09Z");
    const certificate = given({ names: ["registry.example.com", "*.example.org", "192.0.2.1", "::1"], notAfter });
    expect(certificate.expiresAt).toBe("2099-05-06T07:08:09Z");
    expect(certificate.subjectAlternativeNames).toEqual([
      "registry.example.com",
      "*.example.org",
      "192.0.2.1",
      "0:0:0:0:0:0:0:1",
    ]);
  });

  test("takes a chain that is in order", () => {
    const root = issue({ subject: "root", isCa: true, names: [] });
    const middle = issue({ subject: "middle", isCa: true, names: [], issuer: root });
    const server = issue({ issuer: middle });
    const chain = server.certificatePem + middle.certificatePem + root.certificatePem;
    expect(fromPem(chain, server.privateKeyPem).certificateChainPem).toBe(chain);
  });

  test("marks the private key sensitive and warns that the synthesised configuration holds it", () => {
    const stack = stackWithTls();
    const certificate = given({}, stack);
    new TerraformOutput(stack, "key", { value: certificate.privateKeyPem, sensitive: true });
    expect(Testing.synth(stack, true)).toContain("sensitive(");
    expect(JSON.stringify(certificate.node.metadata)).toContain("literal text");
  });

  test("does not warn of a key that only the deploy knows", () => {
    const stack = stackWithTls();
    const key = new TerraformVariable(stack, "key", { sensitive: true });
    const certificate = fromPem(issue().certificatePem, key.stringValue, stack);
    expect(certificate.node.metadata.filter(({ type }) => type.includes("warn"))).toEqual([]);
  });

  test("is checked by the plan where only the deploy knows it", () => {
    const stack = stackWithTls();
    const chain = new TerraformVariable(stack, "chain", {});
    const key = new TerraformVariable(stack, "key", { sensitive: true });
    const certificate = fromPem(chain.stringValue, key.stringValue, stack);
    expect(certificate.subjectAlternativeNames).toBeUndefined();
    const synthesised = Testing.synth(stack, true);
    expect(synthesised).toHaveDataSource(DataTlsCertificate);
    expect(synthesised).toContain("timecmp(plantimestamp(), self.certificates[0].not_after) < 0");
    expect(synthesised).toContain("!self.certificates[0].is_ca");
  });

  test("fails when the text is no PEM", () => {
    expect(() => fromPem("/etc/ssl/server.pem", issue().privateKeyPem)).toThrow(
      /https\/Certificate: certificateChainPem is "\/etc\/ssl\/server.pem", expected certificates in PEM/,
    );
  });

  test("fails when the PEM is cut short", () => {
    const { certificatePem, privateKeyPem } = issue();
    const broken = certificatePem.replace(/\n[^\n]+\n-----END/, "\n-----END");
    expect(() => fromPem(broken, privateKeyPem)).toThrow(/expected certificates in PEM/);
  });

  test("fails when key and certificate are swapped, without printing the key", () => {
    const { certificatePem, privateKeyPem } = issue();
    expect(() => fromPem(privateKeyPem, certificatePem)).toThrow(/privateKeyPem is "\(no private key in PEM\)"/);
    expect(() => fromPem(privateKeyPem, privateKeyPem)).toThrow(/certificateChainPem is "\(a private key\)"/);
  });

  test("fails when the key has a passphrase", () => {
    const { certificatePem, key } = issue();
    const encrypted = key.privateKey
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
      .toString();
    expect(() => fromPem(certificatePem, encrypted)).toThrow(/an encrypted private key.*openssl pkey/);
  });

  test("fails when the key belongs to another certificate", () => {
    expect(() => fromPem(issue().certificatePem, issue().privateKeyPem)).toThrow(
      /privateKeyPem is "a private key of another certificate than CN=registry.example.com"/,
    );
  });

  test("fails when a CA is to be the server's certificate", () => {
    expect(() => given({ isCa: true, subject: "Example CA" })).toThrow(/the certificate of a CA \(CN=Example CA\)/);
  });

  test("fails when the chain is out of order", () => {
    const root = issue({ subject: "root", isCa: true, names: [] });
    const middle = issue({ subject: "middle", isCa: true, names: [], issuer: root });
    const server = issue({ issuer: middle });
    const chain = server.certificatePem + root.certificatePem + middle.certificatePem;
    expect(() => fromPem(chain, server.privateKeyPem)).toThrow(
      /certificate 2 \(CN=root\)", expected the issuer of certificate 1 \(CN=middle\)/,
    );
  });

  test("fails without subject alternative names", () => {
    expect(() => given({ names: [] })).toThrow(/without subject alternative names/);
  });

  test("fails when it may not serve TLS", () => {
    const clientAuth = "1.3.6.1.5.5.7.3.2";
    expect(() => given({ extendedKeyUsages: [clientAuth] })).toThrow(/expected server authentication/);
    expect(() => given({ extendedKeyUsages: [clientAuth, "1.3.6.1.5.5.7.3.1"] })).not.toThrow();
  });

  test("fails when its RSA key is below 2048 bits", () => {
    expect(() => given({ key: rsaKey(1024) })).toThrow(/an RSA key of 1024 bits", expected 2048 bits or more/);
    expect(() => given({ key: rsaKey(2048) })).not.toThrow();
  });

  test("fails at synth when it has expired", () => {
    const notAfter = new Date("2020-01-02T03:04:05Z");
    expect(() => synth({ notBefore: new Date("2019-01-01T00:00:00Z"), notAfter })).toThrow(
      /certificateChainPem is "expired on 2020-01-02T03:04:05Z".*Fix: renew it/,
    );
  });

  test("fails at synth when it is not valid yet", () => {
    expect(() => synth({ notBefore: daysFromNow(2), notAfter: daysFromNow(30) })).toThrow(
      /certificateChainPem is "not valid before .*clock/,
    );
  });

  test("fails at synth when an intermediate has expired", () => {
    const notBefore = new Date("2019-01-01T00:00:00Z");
    const notAfter = new Date("2020-01-02T03:04:05Z");
    const middle = issue({ subject: "middle", isCa: true, names: [], notBefore, notAfter });
    const server = issue({ issuer: middle });
    const stack = stackWithTls();
    fromPem(server.certificatePem + middle.certificatePem, server.privateKeyPem, stack);
    expect(() => Testing.synth(stack, true)).toThrow(/expired on 2020-01-02T03:04:05Z \(certificate 2, CN=middle\)/);
  });

  test("gives the same bytes when synthesised twice", () => {
    const wanted = { key: ecdsaKey() };
    const { certificatePem, privateKeyPem } = issue(wanted);
    const once = () => {
      const stack = stackWithTls();
      const certificate = fromPem(certificatePem, privateKeyPem, stack);
      new TerraformOutput(stack, "expires", { value: certificate.expiresAt });
      return Testing.synth(stack, true);
    };
    expect(once()).toBe(once());
  });
});

describe("the public host and the certificate", () => {
  const covers = (names: string[], host: string) => () => requireHostCovered("proxy", host, given({ names }));

  test.each([
    ["registry.example.com", "registry.example.com"],
    ["Registry.Example.com", "registry.EXAMPLE.com"],
    ["*.example.com", "registry.example.com"],
    ["192.0.2.1", "192.0.2.1"],
    ["::1", "::1"],
    ["2001:db8::1", "2001:db8:0:0::1"],
    ["localhost", "localhost"],
  ])("a name %s covers %s", (name, host) => {
    expect(covers(["other.example", name], host)).not.toThrow();
  });

  test.each([
    ["registry.example.com", "other.example.com"],
    ["*.example.com", "example.com"],
    ["*.example.com", "a.b.example.com"],
    ["192.0.2.1", "192.0.2.2"],
    ["*.0.2.1", "192.0.2.1"],
    ["localhost", "127.0.0.1"],
  ])("a name %s does not cover %s", (name, host) => {
    expect(covers([name], host)).toThrow(
      `proxy: certificate is ["${name}"], expected subject alternative names with the public host "${host}"`,
    );
  });

  test("nothing is said about what only the deploy knows", () => {
    const stack = stackWithTls();
    const host = new TerraformVariable(stack, "host", {});
    expect(() => requireHostCovered("proxy", host.stringValue, given({}))).not.toThrow();
  });
});
