import fs from "node:fs";
import path from "node:path";
import tls from "node:tls";
import execa from "execa";

export interface Handshake {
  readonly ok: boolean;
  /** What `openssl s_client` printed. */
  readonly output: string;
}

/** One connection of `openssl s_client`; `input` goes over it, and the server is waited for to close it. */
export async function handshake(address: string, args: string[], input = ""): Promise<Handshake> {
  const { exitCode, all } = await execa("openssl", ["s_client", "-connect", address, ...args], {
    input,
    all: true,
    reject: false,
    timeout: 60000,
  });
  const output = all ?? "";
  return { ok: exitCode === 0 && /^(New|Reused), TLS/m.test(output), output };
}

/** A certificate for an IP address that vouches for itself, also as `<name>.crt` in the folder. */
export async function selfSigned(
  directory: string,
  name: string,
  address: string,
): Promise<{ readonly key: string; readonly cert: string }> {
  const [key, cert] = ["key", "crt"].map((extension) => path.join(directory, `${name}.${extension}`));
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=IP:${address}`];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  await execa("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", cert]);
  return { key: fs.readFileSync(key, "utf8"), cert: fs.readFileSync(cert, "utf8") };
}

/** The certificate that is served now, whoever issued it. */
export function servedCertificate(host: string, port: number): Promise<tls.PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port, servername: "localhost", rejectUnauthorized: false, timeout: 5000 });
    socket.once("secureConnect", () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.once("timeout", () => socket.destroy(new Error("no certificate in time")));
    socket.once("error", reject);
  });
}
