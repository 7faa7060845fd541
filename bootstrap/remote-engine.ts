import { type CommandResult, lastLines } from "./command";
import type { Docker } from "./docker";

interface Remedy {
  readonly words: RegExp;
  readonly fix: (docker: Docker) => string;
}

/** What docker and ssh say, and what helps: the first that fits. */
const REMEDIES: readonly Remedy[] = [
  {
    words: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    fix: (docker) => `find out why its key is another one, then: ssh-keygen -R ${knownHost(docker)}`,
  },
  {
    words: /Host key verification failed/,
    fix: (docker) => `connect once by hand and compare the key's fingerprint: ${ssh(docker)} true`,
  },
  {
    words: /Permission denied \(|Too many authentication failures/,
    fix: (docker) =>
      `give that account your public key (ssh-copy-id), or load the right one (ssh-add): ${ssh(docker)} true`,
  },
  {
    words: /Could not resolve hostname|no such host/i,
    fix: () => "correct the host in the environment's engine",
  },
  {
    words: /docker: (command )?not found|docker: No such file/,
    fix: (docker) => `install Docker on that machine, for the account of ${docker.engine}`,
  },
  {
    words: /permission denied while trying to connect/i,
    fix: (docker) => `on that machine: sudo usermod --append --groups docker <the account of ${docker.engine}>`,
  },
  {
    words: /HTTP request to an HTTPS server/,
    fix: () => "it wants TLS: set engineCertPath, a folder with ca.pem, cert.pem and key.pem",
  },
  {
    words: /HTTP response to HTTPS client/,
    fix: () => "it does not serve TLS: let dockerd do so (--tlsverify), or reach it by ssh://",
  },
  {
    words: /unknown authority|certificate is (valid for|not valid)|doesn't contain any IP SANs|certificate has expired/,
    fix: () =>
      "ca.pem in engineCertPath must be of the CA that issued the engine's certificate, for the host in engine",
  },
  {
    words: /bad certificate|certificate required|unknown certificate/,
    fix: () => "cert.pem and key.pem in engineCertPath must be of a CA that the engine trusts",
  },
  {
    words: /\.pem: no such file|could not read CA|could not load X509/i,
    fix: () => "engineCertPath must be a folder with ca.pem, cert.pem and key.pem",
  },
];

/** One line: what the engine or the way to it says, and what to do about it. */
export function remoteFailure(docker: Docker, result: CommandResult): string {
  const reason = reasonOf(result.output);
  const remedy = REMEDIES.find(({ words }) => words.test(result.output));
  const fix =
    remedy?.fix(docker) ??
    `start it there, or open the way to it; then this must answer: ${docker.commandLine(["version"])}`;
  return `the Docker engine of ${docker.engine} does not answer: ${reason}. Fix: ${fix}`;
}

/** ssh's own words where docker wraps them. */
export function reasonOf(output: string): string {
  const [, stderr] = /stderr=([\s\S]*)$/.exec(output) ?? [];
  const line = lastLines(stderr?.trim() || output, 1).trim();
  return line.replace(/ Is the docker daemon running\?$/, "").replace(/\.$/, "");
}

function ssh({ engine }: Docker): string {
  const { username, hostname, port } = new URL(String(engine));
  return `ssh ${port ? `-p ${port} ` : ""}${username ? `${username}@` : ""}${hostname}`;
}

function knownHost({ engine }: Docker): string {
  const { hostname, port } = new URL(String(engine));
  return port ? `'[${hostname}]:${port}'` : hostname;
}
