import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireSecret } from "../core/secrets";
import { isKnown, requirePort } from "../core/validation";
import { CONFIG_FOLDER } from "../docker/config-volume";
import type { BackupTargetBinding } from "./target-binding";

/** A repository on a machine that lets somebody in by ssh. */
export interface BackupSftpProps {
  /** Name or address of the machine. */
  readonly host: string;

  /** Who logs in. */
  readonly user: string;

  /** Folder of the repository on that machine, absolute. */
  readonly path: string;

  /** The private key that the machine knows, in OpenSSH's format and without a passphrase: a sensitive variable. */
  readonly privateKey: string;

  /**
   * The machine's public keys, as `ssh-keyscan <host>` prints them without the host: `ssh-ed25519 AAAA…`. Compare
   * them with what the machine itself says; another machine is refused.
   */
  readonly hostKeys: string[];

  /**
   * Port of the SSH server.
   *
   * @default 22
   */
  readonly port?: number;

  /**
   * Networks of the engine that the machine is reached through.
   *
   * @default - a network of the backup's own, for outbound access
   */
  readonly networkNames?: string[];
}

const KEY = "ssh-key";
const KNOWN_HOSTS = "known-hosts";
const FOLDER = `${CONFIG_FOLDER}/current`;

/** @see https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html#sftp */
export function bindSftp(where: Construct, props: BackupSftpProps): BackupTargetBinding {
  const { host, user, path, hostKeys, port = 22 } = props;
  requirePort(where, "target.port", props.port);
  requireSecret(where, "target.privateKey", props.privateKey);
  requireMatch(where, "host", host, /^\w[\w.-]*$/, "a name or an IPv4 address", "backup.example.com");
  requireMatch(where, "user", user, /^[\w.-]+$/, "a user's name", "backup");
  requireMatch(where, "path", path, /^(\/[\w.@+-]+)+$/, "an absolute path", "/srv/registry-backup");
  if (!Array.isArray(hostKeys) || hostKeys.length === 0) {
    requireMatch(where, "hostKeys", "", /./, "at least one key", "ssh-ed25519 AAAA…");
  }
  for (const key of hostKeys) {
    requireMatch(
      where,
      "hostKeys",
      key,
      /^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$/,
      "a type and a key",
      "ssh-ed25519 AAAA…",
    );
  }
  const pattern = port === 22 ? host : `[${host}]:${port}`;
  const options = [
    ["IdentityFile", `${FOLDER}/${KEY}`],
    ["IdentitiesOnly", "yes"],
    ["UserKnownHostsFile", `${FOLDER}/${KNOWN_HOSTS}`],
    ["StrictHostKeyChecking", "yes"],
    ["BatchMode", "yes"],
    ["ServerAliveInterval", "30"],
  ];
  const ssh = ["ssh", "-F", "none", ...options.flatMap(([name, value]) => ["-o", `${name}=${value}`])];
  return {
    repository: `sftp:${user}@${host}:${path}`,
    options: ["-o", `sftp.command=${[...ssh, "-p", port, "-l", user, host, "-s", "sftp"].join(" ")}`],
    files: [
      // OpenSSH wants a line's end after the last line of a key.
      { path: KEY, content: `${props.privateKey}\n` },
      { path: KNOWN_HOSTS, content: hostKeys.map((key) => `${pattern} ${key}\n`).join("") },
    ],
    requiredCommands: ["ssh"],
    needsUserName: true,
    ...(props.networkNames ? { networkNames: props.networkNames } : { reachesOut: true }),
  };
}

function requireMatch(
  where: Construct,
  field: string,
  got: string,
  pattern: RegExp,
  expected: string,
  example: string,
): void {
  if (isKnown(got) && !pattern.test(String(got))) {
    throw invalidInput({ where, field: `target.${field}`, got, expected, fix: `write it like "${example}"` });
  }
}
