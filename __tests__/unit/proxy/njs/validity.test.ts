import { X509Certificate } from "node:crypto";
import execa from "execa";
import validity from "../../../../lib/proxy/njs/validity";

const certificate = (days: number) =>
  execa.sync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", String(days)],
    ...["-subj", "/CN=registry.example.com", "-keyout", "/dev/null"],
  ]).stdout;

describe("the end of a certificate", () => {
  test("is read from each of a chain, in this century and in the next", () => {
    const chain = [certificate(90), certificate(3650), certificate(365 * 80)];
    const expected = chain.map((pem) => new Date(new X509Certificate(pem).validTo).getTime() / 1000);
    expect(validity.endsOf(chain.join("\n"))).toEqual(expected);
  });

  test("is not there where there is no certificate", () => {
    expect(validity.endsOf("")).toEqual([]);
  });
});
