import fs from "node:fs";
import execa from "execa";

/**
 * A CA in a new folder, with what it issued for an engine on 127.0.0.1 (`server.pem`, `server-key.pem`) and for a client
 * (`cert.pem`, `key.pem`), under the names that Docker gives them.
 */
export async function engineCertificates(directory: string): Promise<void> {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const openssl = (args: string[]) => execa("openssl", args, { cwd: directory });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  await openssl(["req", "-x509", ...newKey, "-subj", "/CN=engines", "-keyout", "ca-key.pem", "-out", "ca.pem"]);
  const issue = (key: string, out: string, extensions: string[]) =>
    openssl([
      ...["req", "-x509", ...newKey, "-subj", `/CN=${out}`, "-CA", "ca.pem", "-CAkey", "ca-key.pem"],
      ...extensions.flatMap((extension) => ["-addext", extension]),
      ...["-keyout", key, "-out", out],
    ]);
  const leaf = "basicConstraints=critical,CA:FALSE";
  await issue("server-key.pem", "server.pem", [leaf, "extendedKeyUsage=serverAuth", "subjectAltName=IP:127.0.0.1"]);
  await issue("key.pem", "cert.pem", [leaf, "extendedKeyUsage=clientAuth"]);
}
