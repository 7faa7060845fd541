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
    timeout: 20000,
  });
  const output = all ?? "";
  return { ok: exitCode === 0 && /^(New|Reused), TLS/m.test(output), output };
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
