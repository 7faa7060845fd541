import { Network } from "@cdktf/provider-docker/lib/network";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import type { Construct } from "constructs";
import { SERVICE_UID, type VolumeMount } from "./service-container";

/** A volume that a part needs; the construct that the part belongs to creates it. */
export interface VolumeDescription {
  /** Id of the construct. A contract: another id is another volume in Terraform's eyes. */
  readonly id: string;

  /** Name of the volume on the engine. */
  readonly name: string;

  /**
   * Options of the engine's `local` driver.
   *
   * @default - a folder on the engine's machine
   */
  readonly driverOptions?: { readonly [option: string]: string };

  /**
   * Whether Terraform refuses every plan that would destroy it.
   *
   * @default false
   */
  readonly protectData?: boolean;
}

/** A network that a part needs; the construct that the part belongs to creates it. */
export interface NetworkDescription {
  /** Id of the construct. A contract: another id is another network in Terraform's eyes. */
  readonly id: string;

  /** Name of the network on the engine. */
  readonly name: string;

  /**
   * Whether it leads nowhere but to its members.
   *
   * @default false
   */
  readonly isInternal?: boolean;

  /**
   * Options of the engine's bridge driver.
   *
   * @default - none
   */
  readonly options?: { readonly [option: string]: string };
}

/**
 * A volume for sockets: in memory, and from the start with the owner that both processes run as, since a new volume
 * would belong to root.
 */
export function socketVolume(id: string, name: string): VolumeDescription {
  const owner = `uid=${SERVICE_UID},gid=${SERVICE_UID}`;
  return { id, name, driverOptions: { type: "tmpfs", device: "tmpfs", o: `${owner},mode=0700,size=1m` } };
}

export function createVolume(scope: Construct, { id, name, driverOptions, protectData }: VolumeDescription): Volume {
  return new Volume(scope, id, {
    name,
    ...(driverOptions ? { driver: "local", driverOpts: { ...driverOptions } } : {}),
    ...(protectData === undefined ? {} : { lifecycle: { preventDestroy: protectData } }),
  });
}

/** What parts have described, created on one engine and found again by the names that they gave. */
export class OwnedResources {
  private readonly volumes = new Map<string, Volume>();
  private readonly networks = new Map<string, Network>();

  constructor(scope: Construct, volumes: VolumeDescription[], networks: NetworkDescription[]) {
    for (const description of volumes) {
      this.volumes.set(description.name, createVolume(scope, description));
    }
    for (const { id, name, isInternal, options } of networks) {
      this.networks.set(
        name,
        new Network(scope, id, { name, internal: isInternal, options: options && { ...options } }),
      );
    }
  }

  public volume(id: string): Volume | undefined {
    return [...this.volumes.values()].find(({ node }) => node.id === id);
  }

  public network(id: string): Network | undefined {
    return [...this.networks.values()].find(({ node }) => node.id === id);
  }

  /** A reference where the volume is one of these, so that it is there before whoever mounts it. */
  public volumeName(name: string): string {
    return this.volumes.get(name)?.name ?? name;
  }

  /** A reference where the network is one of these, so that it is there before whoever joins it. */
  public networkName(name: string): string {
    return this.networks.get(name)?.name ?? name;
  }

  public mount(mount: VolumeMount): VolumeMount {
    return { ...mount, volumeName: this.volumeName(mount.volumeName) };
  }
}
