import { join } from "node:path";
import { renderScript } from "../core/script";

/** What a client's machine must be told about a registry. */
export interface TrustedRegistry {
  /** `host[:port]` as it stands in image names. */
  readonly hostPort: string;
  /** The DNS name alone, for /etc/hosts; not set for an address. */
  readonly hostName?: string;
  /** Whether a `ca.crt` lies beside the script. */
  readonly hasCa: boolean;
  /** The one entry of daemon.json. */
  readonly daemon: DaemonEntry;
}

/** A list in daemon.json and what must be in it. */
export interface DaemonEntry {
  readonly key: "registry-mirrors" | "insecure-registries";
  readonly value: string;
}

export function renderDaemonFragment({ key, value }: DaemonEntry): string {
  return `${JSON.stringify({ [key]: [value] }, null, 2)}\n`;
}

export function renderNextSteps(registry: TrustedRegistry): string {
  return `Make this machine's container engine accept ${registry.hostPort}
(copy this folder to each machine that runs an engine; Linux or macOS):

${optionsOf(registry)
  .map(([option, what]) => `  sudo sh install.sh ${option.padEnd(17)} ${what}`)
  .join("\n")}

${thenOf(registry)}`;
}

/**
 * The script that a person runs on a client's machine: POSIX sh, so that Debian's dash, busybox and macOS run it.
 *
 * What it changes it keeps a copy of first; running it twice is the same as once, and `--undo` brings back what was there.
 */
export function renderTrustScript(registry: TrustedRegistry): string {
  const { hostPort, hostName = "", hasCa, daemon } = registry;
  const usage = optionsOf(registry).map(([option, what]) => `  ${option.padEnd(17)} ${what}`);
  const values: { readonly [name: string]: string } = {
    hostPort,
    hostName,
    hasCa: hasCa ? "yes" : "no",
    daemonKey: daemon.key,
    daemonValue: daemon.value,
    usage: usage.join("\n"),
    nextSteps: thenOf(registry),
  };
  return `${renderScript(join(__dirname, "scripts"), "install.sh", values)}\n`;
}

/** Option and meaning, as both the usage and the next steps list them. */
function optionsOf({ hasCa, hostName, daemon: { key } }: TrustedRegistry): [string, string][] {
  const options: [string, string][] = hasCa
    ? [
        ["", "Docker, Podman and skopeo trust the CA; no restart"],
        ["--system", "everything on the machine does: curl, crane, browsers"],
      ]
    : [];
  options.push(
    key === "insecure-registries"
      ? ["", "adds it to insecure-registries of Docker's daemon.json"]
      : ["--mirror", "Docker asks it first for images of Docker Hub (daemon.json)"],
  );
  if (hostName !== undefined) {
    options.push(["--hosts ADDRESS", `adds ${hostName} to /etc/hosts`]);
  }
  options.push(["--dry-run", "says what it would change"], ["--undo", "brings back what was there before"]);
  return options;
}

function thenOf({ hostPort, daemon: { key } }: TrustedRegistry): string {
  const reload = "After a change of daemon.json: systemctl reload docker (running containers go on).\n";
  return `${key === "insecure-registries" ? reload : ""}Then:
  docker login ${hostPort}  # where the registry has users
  docker tag IMAGE ${hostPort}/IMAGE
  docker push ${hostPort}/IMAGE
  docker pull ${hostPort}/IMAGE
${key === "insecure-registries" ? "" : `\noras takes localhost for plain HTTP: add --plain-http=false.\n`}`;
}
