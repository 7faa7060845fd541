import execa from "execa";
import type { RegistryImage } from "../../lib";

export interface PlainRegistryOptions {
  /** The container's name. */
  readonly name: string;
  readonly image: RegistryImage;
  /** Port of 127.0.0.1. */
  readonly port: number;
  /** The volume of another registry, or a new one. */
  readonly volume: string;
  /** Whoever may log in, a bcrypt entry. @default - everybody */
  readonly htpasswd?: string;
}

/** The registry as it comes, without a proxy: what the fast ways are compared with. */
export async function runPlainRegistry(options: PlainRegistryOptions): Promise<void> {
  const config = {
    version: 0.1,
    log: { level: "error", accesslog: { disabled: true } },
    // Without a cache it always tells the truth of the disk.
    storage: { filesystem: { rootdirectory: "/var/lib/registry" }, delete: { enabled: true } },
    http: { addr: ":5000", secret: "plain", headers: { "X-Content-Type-Options": ["nosniff"] } },
    ...(options.htpasswd ? { auth: { htpasswd: { realm: "registry", path: "/tmp/htpasswd" } } } : {}),
  };
  await execa("docker", [
    "run",
    "--detach",
    `--name=${options.name}`,
    "--user=65532:65532",
    `--publish=127.0.0.1:${options.port}:5000`,
    `--volume=${options.volume}:/var/lib/registry`,
    "--env=OTEL_TRACES_EXPORTER=none",
    `--env=CONFIG=${JSON.stringify(config)}`,
    `--env=HTPASSWD=${options.htpasswd ?? ""}`,
    "--entrypoint=sh",
    options.image.reference,
    "-c",
    'printf %s "$CONFIG" > /tmp/config.yml; printf "%s\\n" "$HTPASSWD" > /tmp/htpasswd; exec registry serve /tmp/config.yml',
  ]);
}
