import type { ContainerNode, Topology } from "./topology";

export type Kind = "client" | "container" | "volume" | "network" | "certificate" | "folder";

/** A box: its name, and lines that say more. */
export interface Box {
  readonly id: string;
  readonly kind: Kind;
  readonly title: string;
  readonly lines: string[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly isDashed?: boolean;
}

export interface Graph {
  readonly boxes: Box[];
  readonly arrows: Arrow[];
}

const CLIENTS = "clients";

/** What is drawn of a topology. */
export function graphOf({ containers, volumes, networks, certificates }: Topology): Graph {
  const joined = (name: string) => containers.filter((container) => container.networks.includes(name));
  const shown = networks.filter(({ name }) => joined(name).length > 1);
  return {
    boxes: [
      ...(containers.some(({ ports }) => ports.length > 0)
        ? [{ id: CLIENTS, kind: "client" as Kind, title: "clients", lines: [] }]
        : []),
      ...containers.map((container) => ({
        id: container.name,
        kind: "container" as Kind,
        title: container.name,
        lines: linesOf(
          container,
          shown.map(({ name }) => name),
        ),
      })),
      ...volumes.map(({ name, inMemory, isProtected }) => ({
        id: `volume ${name}`,
        kind: "volume" as Kind,
        title: name,
        lines: [
          inMemory ? "volume in memory" : "volume",
          ...(isProtected ? ["protected: no plan may destroy it"] : []),
        ],
      })),
      ...shown.map(({ name, isInternal }) => ({
        id: `network ${name}`,
        kind: "network" as Kind,
        title: name,
        lines: [isInternal ? "internal network" : "network"],
      })),
      ...certificates.map(({ id, title, issuer }) => ({
        id,
        kind: "certificate" as Kind,
        title,
        lines: [issuer ? "certificate" : "certificate authority"],
      })),
      ...[...new Set(containers.flatMap(({ folders }) => folders))].map((folder) => ({
        id: `folder ${folder}`,
        kind: "folder" as Kind,
        title: folder,
        lines: ["folder of the engine's machine"],
      })),
    ],
    arrows: [
      ...containers.flatMap(({ name, ports }) => ports.map((port) => ({ from: CLIENTS, to: name, label: port }))),
      ...containers.flatMap(({ name, mounts }) =>
        mounts.map(({ volume, readOnly }) => ({
          from: name,
          to: `volume ${volume}`,
          label: readOnly ? "reads" : "reads, writes",
          isDashed: readOnly,
        })),
      ),
      ...containers.flatMap(({ name, networks }) =>
        networks
          .filter((network) => shown.some((one) => one.name === network))
          .map((network) => ({ from: name, to: `network ${network}`, label: "is on" })),
      ),
      ...containers.flatMap(({ name, folders }) =>
        folders.map((folder) => ({ from: name, to: `folder ${folder}`, label: "reads", isDashed: true })),
      ),
      ...containers.flatMap(({ name, certificates }) =>
        certificates.map((id) => ({ from: id, to: name, label: "is served by" })),
      ),
      ...certificates.flatMap(({ id, issuer }) => (issuer ? [{ from: issuer, to: id, label: "issues" }] : [])),
    ],
  };
}

/** A network that nobody else is on is said in its container's box. */
function linesOf({ networks }: ContainerNode, shown: string[]): string[] {
  const own = networks.filter((name) => !shown.includes(name));
  return ["container", ...(networks.length === 0 ? ["no network"] : own.map((name) => `network ${name}`))];
}
