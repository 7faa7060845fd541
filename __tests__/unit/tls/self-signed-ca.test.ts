import { CertRequest } from "@cdktf/provider-tls/lib/cert-request";
import { LocallySignedCert } from "@cdktf/provider-tls/lib/locally-signed-cert";
import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { SelfSignedCert } from "@cdktf/provider-tls/lib/self-signed-cert";
import { TerraformVariable, Testing } from "cdktf";
import { PublicEndpoint } from "../../../lib/core/public-endpoint";
import { requireHostCovered } from "../../../lib/tls/certificate";
import type { IssueCertificateProps, IssuedCertificate } from "../../../lib/tls/issued-certificate";
import { EcdsaCurve, KeyAlgorithm } from "../../../lib/tls/key-algorithm";
import { SelfSignedCA, type SelfSignedCAProps } from "../../../lib/tls/self-signed-ca";
import { stackWithTls } from "../synth";

function synthCA(props?: SelfSignedCAProps): string {
  const stack = stackWithTls();
  new SelfSignedCA(stack, "CA", props);
  return Testing.synth(stack, true);
}

function issued(props: IssueCertificateProps, ca?: SelfSignedCAProps): IssuedCertificate {
  return new SelfSignedCA(stackWithTls(), "CA", ca).issueCertificate("Server", props);
}

function synthIssued(props: IssueCertificateProps): string {
  const stack = stackWithTls();
  new SelfSignedCA(stack, "CA").issueCertificate("Server", props);
  return Testing.synth(stack, true);
}

describe("a self-signed CA", () => {
  test("signs certificates and lists of revoked ones, nothing else, for ten years", () => {
    expect(synthCA()).toHaveResourceWithProperties(SelfSignedCert, {
      is_ca_certificate: true,
      max_path_length: 1,
      set_subject_key_id: true,
      allowed_uses: ["cert_signing", "crl_signing"],
      subject: [{ common_name: "https-ca" }],
      validity_period_hours: 87600,
      early_renewal_hours: 8760,
    });
  });

  test("has an ECDSA P-256 key", () => {
    expect(synthCA()).toHaveResourceWithProperties(PrivateKey, { algorithm: "ECDSA", ecdsa_curve: "P256" });
  });

  test("asks for a tls provider that knows the path length", () => {
    expect(JSON.parse(synthCA()).terraform.required_providers.tls.version).toBe(">= 4.2.1, < 5.0.0");
  });

  test("takes name, organization, key and validity", () => {
    const synthesised = synthCA({
      commonName: "Example registry CA",
      organization: "Example",
      keyAlgorithm: KeyAlgorithm.rsa(4096),
      validityDays: 10000,
      renewBeforeDays: 30,
    });
    expect(synthesised).toHaveResourceWithProperties(SelfSignedCert, {
      subject: [{ common_name: "Example registry CA", organization: "Example" }],
      validity_period_hours: 240000,
      early_renewal_hours: 720,
    });
    expect(synthesised).toHaveResourceWithProperties(PrivateKey, { algorithm: "RSA", rsa_bits: 4096 });
  });

  test("fails when the common name is longer than a certificate may hold", () => {
    expect(() => synthCA({ commonName: "a".repeat(65) })).toThrow(/https\/CA: commonName .* 1 to 64 characters/);
  });

  test("fails when the validity is zero", () => {
    expect(() => synthCA({ validityDays: 0 })).toThrow(/https\/CA: validityDays is 0, expected a whole number from 1/);
  });

  test("fails when the renewal window is as long as the validity", () => {
    expect(() => synthCA({ validityDays: 30, renewBeforeDays: 30 })).toThrow(
      /https\/CA: renewBeforeDays is 30, expected less than validityDays \(30\)/,
    );
  });
});

describe("an issued certificate", () => {
  const dnsNames = ["registry.example.com"];

  test("is for servers, valid a year, renewed in its last quarter", () => {
    expect(synthIssued({ dnsNames })).toHaveResourceWithProperties(LocallySignedCert, {
      allowed_uses: ["digital_signature", "server_auth"],
      set_subject_key_id: true,
      validity_period_hours: 8760,
      early_renewal_hours: 2160,
    });
  });

  test("carries names and addresses, each once", () => {
    const names = ["Registry.example.com", "registry.example.com", "*.example.org"];
    const ipAddresses = ["192.0.2.1", "2001:db8:0:0::1", "2001:db8::1"];
    expect(synthIssued({ dnsNames: names, ipAddresses })).toHaveResourceWithProperties(CertRequest, {
      subject: [{ common_name: "registry.example.com" }],
      dns_names: ["registry.example.com", "*.example.org"],
      ip_addresses: ["192.0.2.1", "2001:db8::1"],
    });
  });

  test("takes the host of the public endpoint, name or address", () => {
    const byName = issued({ endpoint: PublicEndpoint.https({ host: "localhost", port: 5444 }), dnsNames });
    expect(byName.subjectAlternativeNames).toEqual(["localhost", "registry.example.com"]);
    const byAddress = issued({ endpoint: PublicEndpoint.https({ host: "192.0.2.1" }), dnsNames });
    expect(byAddress.subjectAlternativeNames).toEqual(["registry.example.com", "192.0.2.1"]);
    expect(() => requireHostCovered("proxy", "192.0.2.1", byAddress)).not.toThrow();
    expect(() => requireHostCovered("proxy", "localhost", byAddress)).toThrow(/issue the certificate for "localhost"/);
  });

  test("may encrypt session keys when its key is RSA", () => {
    const synthesised = synthIssued({ dnsNames, keyAlgorithm: KeyAlgorithm.rsa() });
    expect(synthesised).toHaveResourceWithProperties(LocallySignedCert, {
      allowed_uses: ["digital_signature", "key_encipherment", "server_auth"],
    });
    expect(synthesised).toHaveResourceWithProperties(PrivateKey, { algorithm: "RSA", rsa_bits: 2048 });
  });

  test("has a P-384 key where that is asked for", () => {
    expect(synthIssued({ dnsNames, keyAlgorithm: KeyAlgorithm.ecdsa(EcdsaCurve.P384) })).toHaveResourceWithProperties(
      PrivateKey,
      { algorithm: "ECDSA", ecdsa_curve: "P384" },
    );
  });

  test("takes names that only the deploy knows", () => {
    const stack = stackWithTls();
    const name = new TerraformVariable(stack, "name", {});
    const certificate = new SelfSignedCA(stack, "CA").issueCertificate("Server", { dnsNames: [name.stringValue] });
    expect(() => requireHostCovered("proxy", "registry.example.com", certificate)).not.toThrow();
    expect(Testing.synth(stack, true)).toHaveResourceWithProperties(CertRequest, { dns_names: [`$\{var.name}`] });
  });

  test("takes a validity that only the deploy knows", () => {
    const stack = stackWithTls();
    const days = new TerraformVariable(stack, "days", { type: "number" });
    new SelfSignedCA(stack, "CA").issueCertificate("Server", { dnsNames, validityDays: days.numberValue });
    expect(Testing.synth(stack, true)).toContain(`"validity_period_hours": "$\{(var.days * 24)}"`);
  });

  test("keeps its addresses in the tree", () => {
    const stack = stackWithTls();
    new SelfSignedCA(stack, "CA").issueCertificate("Server", { dnsNames });
    expect(stack.node.findAll().map((part) => part.node.path)).toEqual([
      "https",
      "https/tls",
      "https/CA",
      "https/CA/PrivateKey",
      "https/CA/Resource",
      "https/CA/Server",
      "https/CA/Server/PrivateKey",
      "https/CA/Server/Request",
      "https/CA/Server/Resource",
    ]);
  });

  test.each([{}, { dnsNames: [] }, { dnsNames: [], ipAddresses: [] }])("fails without a name: %j", (props) => {
    expect(() => issued(props)).toThrow(/https\/CA\/Server: dnsNames is .*, expected at least one name or address/);
  });

  test.each(["https://registry.example.com", "registry:5000", "a..b", "-a.example", "*", "*.com", "a.*.example", ""])(
    "fails when a name is %j",
    (name) => {
      expect(() => issued({ dnsNames: ["localhost", name] })).toThrow(/dnsNames\[1\] is .*, expected a DNS name/);
    },
  );

  test("fails when an address is among the names, and says where it belongs", () => {
    expect(() => issued({ dnsNames: ["192.0.2.1"] })).toThrow(/dnsNames\[0\] .* Fix: move it to ipAddresses/);
  });

  test.each(["localhost", "192.0.2.256", "192.0.2.0/24", "[::1]", "fe80::1%eth0", "192.0.2.1:443"])(
    "fails when an address is %j",
    (address) => {
      expect(() => issued({ ipAddresses: [address] })).toThrow(/ipAddresses\[0\] is .*, expected an IPv4 or IPv6/);
    },
  );

  test.each([0, -1, 1.5, "365"])("fails when the validity is %j", (validityDays) => {
    expect(() => issued({ dnsNames, validityDays: validityDays as number })).toThrow(/validityDays is/);
  });

  test("fails when the renewal window is longer than the validity", () => {
    expect(() => issued({ dnsNames, validityDays: 30, renewBeforeDays: 31 })).toThrow(
      /renewBeforeDays is 31, expected less than validityDays \(30\).*write 10 or less/,
    );
  });

  test("fails when it would outlive its CA", () => {
    expect(() => issued({ dnsNames }, { validityDays: 90 })).toThrow(
      /validityDays is 365, expected at most the CA's own 90 days/,
    );
  });

  test("fails when an RSA key is below 2048 bits", () => {
    expect(() => KeyAlgorithm.rsa(1024)).toThrow(
      /KeyAlgorithm.rsa: bits is 1024, expected a whole number from 2048 to 8192/,
    );
  });
});
