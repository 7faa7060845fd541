import fs from "node:fs";
import path from "node:path";
import execa from "execa";

/** An authority of somebody else's, by openssl, and the certificates that it issues. */
export class OwnAuthority {
  public readonly certificate: string;

  public constructor(private readonly directory: string) {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.openssl("req", "-x509", ...NEW_KEY, "-days", "30", "-subj", "/CN=an authority", ...this.files("ca"));
    this.certificate = this.read("ca.crt");
  }

  /** A server's, for names and addresses as openssl writes them: `DNS:…`, `IP:…`. */
  public issue(names: string[]): { readonly certificate: string; readonly key: string } {
    const extensions = this.file("extensions");
    const lines = ["basicConstraints=critical,CA:FALSE", "extendedKeyUsage=serverAuth"];
    fs.writeFileSync(extensions, [...lines, `subjectAltName=${names.join(",")}`, ""].join("\n"));
    const key = this.file("server.key");
    this.openssl("req", ...NEW_KEY, "-subj", "/CN=server", "-keyout", key, "-out", this.file("server.csr"));
    const by = ["-CA", this.file("ca.crt"), "-CAkey", this.file("ca.key"), "-CAcreateserial", "-days", "30"];
    const of = ["-in", this.file("server.csr"), "-extfile", extensions, "-out", this.file("server.crt")];
    this.openssl("x509", "-req", ...by, ...of);
    return { certificate: this.read("server.crt"), key: this.read("server.key") };
  }

  private openssl(...args: string[]): void {
    execa.sync("openssl", args);
  }

  private files(name: string): string[] {
    return ["-keyout", this.file(`${name}.key`), "-out", this.file(`${name}.crt`)];
  }

  private file(name: string): string {
    return path.join(this.directory, name);
  }

  private read(name: string): string {
    return fs.readFileSync(this.file(name), "utf8");
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
