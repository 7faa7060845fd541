import { isRecord } from "../model/attributes";
import type { Resource } from "../model/resources";

/** What a container of the library is for. */
export type Role = "proxy" | "registry" | "redis" | "metrics" | "writer" | "other";

/** By what it runs: ids are the user's own. */
export function roleOf(resource: Resource): Role {
  const values = resource.after ?? resource.before ?? {};
  const program = [values.entrypoint, values.command]
    .flat()
    .filter((part) => typeof part === "string")
    .join("\n");
  if (/\/Writer$/.test(resource.path)) {
    return "writer";
  }
  if (/(^|\/)Metrics\w*$/.test(resource.path)) {
    return "metrics";
  }
  if (/\bnginx -c\b/.test(program)) {
    return "proxy";
  }
  if (/\bregistry serve\b/.test(program)) {
    return "registry";
  }
  return /\bredis-server\b/.test(program) ? "redis" : "other";
}

export interface Port {
  readonly ip: string;
  readonly external: number;
}

export function portsOf(values: Readonly<Record<string, unknown>> | undefined): Port[] {
  const ports = Array.isArray(values?.ports) ? values.ports : [];
  return ports
    .filter(isRecord)
    .map(({ ip, external }) => ({ ip: String(ip || "0.0.0.0"), external: Number(external) }));
}

/** Names of the volumes that a container mounts at a path. */
export function mountedAt(values: Readonly<Record<string, unknown>> | undefined, path: string): string[] {
  const mounts = Array.isArray(values?.volumes) ? values.volumes : [];
  return mounts
    .filter(isRecord)
    .filter(({ container_path }) => container_path === path)
    .map(({ volume_name }) => String(volume_name));
}

/** Wider: an address that more machines reach. */
export function reach(ip: string): number {
  if (ip === "0.0.0.0" || ip === "::") {
    return 2;
  }
  return /^127\.|^::1$/.test(ip) ? 0 : 1;
}
