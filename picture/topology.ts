/** A resource as the synth has written it. */
type Resource = { readonly [attribute: string]: any };

/** The part of cdk.tf.json that is drawn. */
export interface Configuration {
  readonly resource?: { readonly [type: string]: { readonly [id: string]: Resource } };
}

export interface Mount {
  readonly volume: string;
  readonly readOnly: boolean;
}

export interface ContainerNode {
  readonly name: string;
  readonly mounts: Mount[];
  readonly networks: string[];
  /** `address:external` of each published port. */
  readonly ports: string[];
  /** Folders of the engine's machine. */
  readonly folders: string[];
  /** Certificates whose key it has. */
  readonly certificates: string[];
}

export interface VolumeNode {
  readonly name: string;
  readonly inMemory: boolean;
  /** Whether Terraform refuses to destroy it. */
  readonly isProtected: boolean;
}

export interface NetworkNode {
  readonly name: string;
  readonly isInternal: boolean;
}

export interface CertificateNode {
  readonly id: string;
  readonly title: string;
  readonly issuer?: string;
}

/** What an environment is made of, each by its name on the engine, sorted. */
export interface Topology {
  readonly containers: ContainerNode[];
  readonly volumes: VolumeNode[];
  readonly networks: NetworkNode[];
  readonly certificates: CertificateNode[];
}

const CERTIFICATES = ["tls_self_signed_cert", "tls_locally_signed_cert"];

/** Reads what a stack's configuration says. One-shot writers are no part of it: what they wrote is their reader's. */
export function topologyOf(configuration: Configuration): Topology {
  const of = (type: string) => Object.entries(configuration.resource?.[type] ?? {});
  const names = new Map(
    ["docker_volume", "docker_network"].flatMap((type) => of(type).map(([id, { name }]) => [`${type}.${id}`, name])),
  );
  const named = (value: string): string => {
    const [, address] = /^\$\{(docker_\w+\.\w+)\.\w+\}$/.exec(value) ?? [];
    return names.get(address) ?? value;
  };
  const all = of("docker_container");
  const isWriter = ([, { must_run }]: [string, Resource]) => must_run === false;
  const configVolume = (writer: Resource) => named(writer.volumes[0].volume_name);
  const written = new Map(all.filter(isWriter).map(([, writer]) => [configVolume(writer), writer]));

  const containers = all
    .filter((entry) => !isWriter(entry))
    .map(([, container]): ContainerNode => {
      const mounts = (container.volumes ?? []).map((mount: Resource) => ({
        volume: named(mount.volume_name),
        readOnly: mount.read_only === true,
      }));
      const texts = mounts.map(({ volume }: Mount) => JSON.stringify(written.get(volume)?.upload ?? ""));
      return {
        name: container.name,
        mounts: mounts.filter(({ volume }: Mount) => !written.has(volume)),
        networks: (container.networks_advanced ?? []).map(({ name }: Resource) => named(name)).sort(),
        ports: (container.ports ?? []).map(({ ip, external }: Resource) => `${ip ?? "0.0.0.0"}:${external}`),
        folders: (container.mounts ?? []).map(({ source }: Resource) => source),
        certificates: CERTIFICATES.flatMap((type) =>
          of(type)
            // It serves one whose key it was given too; the others are for trusting them.
            .filter(([id, { private_key_pem, cert_request_pem }]) => {
              const key = /tls_private_key\.\w+/.exec(private_key_pem ?? keyOf(of, cert_request_pem))?.[0];
              return texts.some((text: string) => text.includes(`${type}.${id}.`) && text.includes(String(key)));
            })
            .map(([id]) => `${type}.${id}`),
        ),
      };
    });
  containers.push(...of("docker_service").map(([, service]) => serviceNode(service, named)));
  const drawn = new Set(containers.flatMap(({ mounts }) => mounts.map(({ volume }) => volume)));
  return {
    containers: sorted(containers),
    volumes: sorted([
      ...of("docker_volume")
        .filter(([, { name }]) => drawn.has(name))
        .map(([, volume]) => ({
          name: volume.name,
          inMemory: volume.driver_opts?.type === "tmpfs",
          isProtected: volume.lifecycle?.prevent_destroy === true,
        })),
      ...[...drawn]
        .filter((name) => !of("docker_volume").some(([, volume]) => volume.name === name))
        .map((name) => ({ name, inMemory: false, isProtected: false })),
    ]),
    networks: sorted(of("docker_network").map(([, { name, internal }]) => ({ name, isInternal: internal === true }))),
    certificates: CERTIFICATES.flatMap((type) =>
      of(type).map(([id, certificate]) => certificateNode(`${type}.${id}`, certificate, of)),
    ),
  };
}

/** All tasks of a service of Swarm in one: its files are no volumes, and its ports are each node's. */
function serviceNode(service: Resource, named: (value: string) => string): ContainerNode {
  const replicas = service.mode.replicated?.replicas;
  return {
    name: `${service.name} (${replicas === undefined ? "on each node" : `${replicas} on any nodes`})`,
    mounts: [],
    networks: service.task_spec.networks_advanced.map(({ id }: Resource) => named(id)).sort(),
    ports: (service.endpoint_spec.ports ?? []).map(({ published_port }: Resource) => `each node's ${published_port}`),
    folders: [],
    certificates: [],
  };
}

type Of = (type: string) => [string, Resource][];

function certificateNode(id: string, certificate: Resource, of: Of): CertificateNode {
  const request = of("tls_cert_request").find(([name]) => certificate.cert_request_pem?.includes(`.${name}.`))?.[1];
  const subject = certificate.subject ?? request?.subject;
  const hosts = [...(request?.dns_names ?? []), ...(request?.ip_addresses ?? [])];
  const [, issuer] = /\$\{(tls_\w+\.\w+)\.cert_pem\}/.exec(certificate.ca_cert_pem ?? "") ?? [];
  return { id, title: hosts.length > 0 ? hosts.join(", ") : (commonName(subject) ?? id), issuer };
}

function commonName(subject: Resource | Resource[] | undefined): string | undefined {
  return Array.isArray(subject) ? subject[0]?.common_name : subject?.common_name;
}

function keyOf(of: Of, request: string | undefined): string {
  return of("tls_cert_request").find(([name]) => request?.includes(`.${name}.`))?.[1].private_key_pem ?? "";
}

function sorted<T extends { readonly name: string }>(nodes: T[]): T[] {
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
}
