import { createHash } from "node:crypto";
import { Container, type ContainerPorts } from "@cdktf/provider-docker/lib/container";
import { type ITerraformDependable, Lazy, type TerraformResource } from "cdktf";
import type { IConstruct } from "constructs";
import { defaultName, requireDockerName } from "../core/names";
import { requireWholeNumber } from "../core/validation";
import { LogDriver } from "./log-driver";

/** What every long-running container of this library lets its user choose. */
export interface ServiceContainerProps {
  /**
   * Name of the container.
   *
   * At most 63 characters where others find it by this name: a registry with a port of its own or with metrics, an
   * endpoint of metrics, a Redis for version 2.
   *
   * @default - the stack's name and the construct's path, as in "local-registry"
   */
  readonly containerName?: string;

  /**
   * Memory limit in MiB; swap is not given on top of it.
   *
   * The engine counts the page cache of files as well: under a limit smaller than the blobs that are asked for most,
   * a registry and its proxy read them from the disk again and again.
   *
   * @default - none for the registry and the proxy, whose processes take 10 to 50 MiB; 256 for the cache, 64 for the
   * endpoint of the metrics
   */
  readonly memoryMiB?: number;

  /**
   * When the engine starts the container again.
   *
   * @default RestartPolicy.UNLESS_STOPPED
   */
  readonly restartPolicy?: RestartPolicy;

  /**
   * How long the process may finish its work after it was told to stop, in seconds.
   * After that it is killed, and uploads in flight with it.
   *
   * @default 30
   */
  readonly stopGraceSeconds?: number;

  /**
   * Seconds between two health checks; a deploy waits for the first one to pass.
   * Each costs the engine about 50 ms of CPU time.
   *
   * @default 5
   */
  readonly healthIntervalSeconds?: number;

  /**
   * Where the engine keeps what the process writes to stdout and stderr.
   *
   * @default LogDriver.jsonFile() - five files of 10 MiB
   */
  readonly logDriver?: LogDriver;
}

/** When the engine starts a container again that has ended. */
export enum RestartPolicy {
  NO = "no",
  ON_FAILURE = "on-failure",
  ALWAYS = "always",
  UNLESS_STOPPED = "unless-stopped",
}

/** A named volume as a container sees it. */
export interface VolumeMount {
  /** Name of the volume. */
  readonly volumeName: string;
  /** Absolute path in the container. */
  readonly containerPath: string;

  /**
   * Whether the container may only read it.
   *
   * @default false
   */
  readonly readOnly?: boolean;
}

/**
 * Every process of this library runs as this user and group: the proxy may connect to the
 * registry's socket because both have it, and it owns nothing on the engine's machine.
 */
export const SERVICE_UID = 65532;

/** What a construct says of its container; the rest is the same for all. */
export interface ServiceContainerSpec {
  readonly imageId: string;
  /** Set always, so that the start scripts of upstream images play no part. */
  readonly entrypoint: string[];
  readonly command: string[];
  readonly environment?: string[];
  readonly tmpfs?: { [path: string]: string };
  /** @default - no limit */
  readonly defaultMemoryMiB?: number;
  readonly mounts: VolumeMount[];
  /**
   * Folders of the engine's machine, which are there already, for reading.
   *
   * @default - none
   */
  readonly hostFolders?: { readonly hostPath: string; readonly containerPath: string }[];
  /**
   * Root with these capabilities and no others, for what has to read other users' files.
   *
   * @default - the service's own user, without any
   */
  readonly rootWith?: string[];
  /** Without networks the container has a loopback interface and nothing else. */
  readonly networkNames: string[];
  readonly healthCommand: string[];
  readonly ports?: ContainerPorts[];
  readonly dependsOn: ITerraformDependable[];
  readonly replacedWith: TerraformResource[];
}

/** How long its process may take to end; what drains requests meanwhile has to know the same. */
export function stopGraceSeconds(props: ServiceContainerProps): number {
  return props.stopGraceSeconds ?? 30;
}

/** A container with nothing that its process does not need; `Resource` in the construct that it belongs to. */
export function serviceContainer(
  scope: IConstruct,
  props: ServiceContainerProps,
  spec: ServiceContainerSpec,
): Container {
  requireDockerName(scope, "containerName", props.containerName);
  requireWholeNumber(scope, "memoryMiB", props.memoryMiB, { min: 16, max: 1024 * 1024, example: 512 });
  requireWholeNumber(scope, "healthIntervalSeconds", props.healthIntervalSeconds, { min: 1, max: 3600, example: 5 });
  requireWholeNumber(scope, "stopGraceSeconds", props.stopGraceSeconds, { min: 1, max: 3600, example: 30 });
  const memory = props.memoryMiB ?? spec.defaultMemoryMiB;
  const logs = props.logDriver ?? LogDriver.jsonFile();
  const healthcheck = {
    test: spec.healthCommand,
    interval: `${props.healthIntervalSeconds ?? 5}s`,
    timeout: "5s",
    retries: 3,
    startPeriod: "30s",
  };
  return new Container(scope, "Resource", {
    name: props.containerName ?? defaultName(scope),
    image: spec.imageId,
    entrypoint: spec.entrypoint,
    command: spec.command,
    // The provider neither applies another health check nor makes the container anew for it, and plans it for ever.
    env: [...(spec.environment ?? []), `HEALTH_CHECK=${digestOf(healthcheck)}`],
    tmpfs: spec.tmpfs,
    ports: spec.ports,
    user: spec.rootWith ? "0:0" : `${SERVICE_UID}:${SERVICE_UID}`,
    readOnly: true,
    capabilities: { drop: ["ALL"], add: spec.rootWith },
    securityOpts: ["no-new-privileges:true"],
    memory,
    // Equal to memory: no swap. Left out, the engine's own figure comes back and no plan ever settles.
    memorySwap: memory,
    restart: props.restartPolicy ?? RestartPolicy.UNLESS_STOPPED,
    destroyGraceSeconds: stopGraceSeconds(props),
    stopTimeout: stopGraceSeconds(props),
    logDriver: logs.name,
    logOpts: logs.options,
    volumes: spec.mounts.map((mount) => ({
      volumeName: mount.volumeName,
      containerPath: mount.containerPath,
      readOnly: mount.readOnly ?? false,
    })),
    // As `volumes` the engine would make a folder that is not there.
    mounts: spec.hostFolders?.map(({ hostPath, containerPath }) => ({
      type: "bind",
      source: hostPath,
      target: containerPath,
      readOnly: true,
    })),
    ...(spec.networkNames.length > 0
      ? { networksAdvanced: spec.networkNames.map((name) => ({ name })) }
      : { networkMode: "none" }),
    healthcheck,
    wait: true,
    waitTimeout: 60,
    dependsOn: spec.dependsOn,
    lifecycle: spec.replacedWith.length > 0 ? { replaceTriggeredBy: spec.replacedWith.map(address) } : undefined,
  });
}

/** Late, when names that are not known yet stand in the text. */
function digestOf(value: object): string {
  const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
  return Lazy.stringValue({ produce: (context) => digest(JSON.stringify(context.resolve(value))) });
}

/** `replace_triggered_by` takes addresses, where cdktf would write an expression. */
function address(resource: TerraformResource): string {
  return `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
}
