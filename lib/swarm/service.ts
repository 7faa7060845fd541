import type { Image } from "@cdktf/provider-docker/lib/image";
import { Service, type ServiceEndpointSpecPorts } from "@cdktf/provider-docker/lib/service";
import { Fn, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { requireDockerName, requireHostName } from "../core/names";
import { terraformText } from "../core/terraform-text";
import { requireWholeNumber } from "../core/validation";
import { CONFIG_FOLDER } from "../docker/config-volume";
import { LogDriver } from "../docker/log-driver";
import { RestartPolicy, SERVICE_UID, type ServiceContainerProps, stopGraceSeconds } from "../docker/service-container";
import { requireSoundOptions } from "./service-checks";
import type { ServiceFiles } from "./service-files";
import type { SwarmServiceOptions, UpdateOrder } from "./service-props";

/** What a construct says of its service; the rest is the same for all. */
export interface SwarmServiceSpec {
  readonly name: string;
  readonly image: Image;
  /** As its user has named it. */
  readonly imageReference: string;
  /** One on each node when left out. */
  readonly replicas?: number;
  /** Beside what the placement says. */
  readonly maxReplicasPerNode?: number;
  /** The script of a task. */
  readonly script: string;
  readonly environment?: string[];
  readonly files: ServiceFiles;
  /** Folders in memory and the most that they hold, beside the one of the files. */
  readonly memoryFolders: { readonly [path: string]: number };
  /** @default - no limit */
  readonly defaultMemoryMiB?: number;
  readonly networkIds: string[];
  readonly healthCommand: string[];
  readonly ports?: ServiceEndpointSpecPorts[];
  readonly order: UpdateOrder;
  readonly dependsOn: ITerraformDependable[];
}

/** What fits into the folder of the files. */
const FILES_MIB = 16;

/** A service whose tasks have nothing that their process does not need; `Resource` in the construct that it belongs to. */
export function swarmService(
  scope: Construct,
  props: ServiceContainerProps & SwarmServiceOptions,
  spec: SwarmServiceSpec,
): Service {
  requireProps(scope, props, spec);
  const memoryMiB = props.memoryMiB ?? spec.defaultMemoryMiB;
  const logs = props.logDriver ?? LogDriver.jsonFile();
  const update = {
    parallelism: props.update?.parallelism ?? 1,
    delay: duration(props.update?.delaySeconds ?? 0),
    monitor: duration(props.update?.monitorSeconds ?? 10),
    maxFailureRatio: "0.0",
    order: props.update?.order ?? spec.order,
  };
  const folders = { [CONFIG_FOLDER]: FILES_MIB, ...spec.memoryFolders };
  const service = new Service(scope, "Resource", {
    name: spec.name,
    mode: spec.replicas === undefined ? { global: true } : { replicated: { replicas: spec.replicas } },
    taskSpec: {
      containerSpec: {
        // The manager's own, by digest where a registry has told one: all nodes run the same.
        image: Fn.coalesce([spec.image.repoDigest, spec.imageReference]),
        command: ["/bin/sh", "-c", terraformText(spec.script)],
        env: environment(spec.environment),
        user: `${SERVICE_UID}:${SERVICE_UID}`,
        readOnly: true,
        capDrop: ["ALL"],
        stopGracePeriod: duration(stopGraceSeconds(props)),
        healthcheck: {
          test: spec.healthCommand.map(terraformText),
          interval: duration(props.healthIntervalSeconds ?? 5),
          timeout: "5s",
          retries: 3,
          startPeriod: "30s",
        },
        mounts: Object.entries(folders).map(([target, sizeMiB]) => ({
          type: "tmpfs",
          target,
          // Swarm cannot say whose it is; nobody else is in the container.
          tmpfsOptions: { sizeBytes: sizeMiB * 1024 * 1024, mode: 0o777 },
        })),
        configs: spec.files.configs,
        secrets: spec.files.secrets,
      },
      placement: {
        constraints: props.placement?.constraints,
        prefs: props.placement?.spreadOver,
        maxReplicas: spec.maxReplicasPerNode ?? props.placement?.maxReplicasPerNode ?? 0,
      },
      resources: {
        limits: { memoryBytes: bytes(memoryMiB), nanoCpus: nano(props.cpuLimit) },
        reservation: { memoryBytes: bytes(props.memoryReservationMiB), nanoCpus: nano(props.cpuReservation) },
      },
      // Without a window plans never settle.
      restartPolicy: { condition: CONDITIONS[props.restartPolicy ?? RestartPolicy.ALWAYS], delay: "2s", window: "0s" },
      logDriver: { name: logs.name, options: logs.options },
    },
    endpointSpec: { mode: "dnsrr", ports: spec.ports },
    updateConfig: { ...update, failureAction: "rollback" },
    rollbackConfig: { ...update, failureAction: "pause" },
    // The provider counts replicas, which a service of one on each node has not.
    convergeConfig:
      spec.replicas === undefined ? undefined : { delay: "1s", timeout: duration(props.deployTimeoutSeconds ?? 300) },
    dependsOn: spec.dependsOn,
    // Told by the engine where it has asked a registry for the image.
    lifecycle: { ignoreChanges: ["task_spec[0].placement[0].platforms"] },
  });
  // The bindings know names only, for which newer providers would make the service anew at each deploy.
  service.addOverride(
    "task_spec.networks_advanced",
    spec.networkIds.map((id) => ({ id })),
  );
  return service;
}

/** When Swarm starts another task in the place of one that has ended. */
const CONDITIONS: { readonly [policy: string]: string } = {
  [RestartPolicy.NO]: "none",
  [RestartPolicy.ON_FAILURE]: "on-failure",
  [RestartPolicy.ALWAYS]: "any",
  [RestartPolicy.UNLESS_STOPPED]: "any",
};

function requireProps(scope: Construct, props: ServiceContainerProps & SwarmServiceOptions, spec: SwarmServiceSpec) {
  requireDockerName(scope, "containerName", props.containerName);
  requireHostName(scope, "containerName", spec.name);
  requireWholeNumber(scope, "memoryMiB", props.memoryMiB, { min: 16, max: 1024 * 1024, example: 512 });
  requireWholeNumber(scope, "healthIntervalSeconds", props.healthIntervalSeconds, { min: 1, max: 3600, example: 5 });
  requireWholeNumber(scope, "stopGraceSeconds", props.stopGraceSeconds, { min: 1, max: 3600, example: 30 });
  requireSoundOptions(scope, props);
}

function environment(lines: string[] = []): { [name: string]: string } | undefined {
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

const bytes = (mebibytes = 0): number => mebibytes * 1024 * 1024;
const nano = (cores = 0): number => Math.round(cores * 1e9);

/** As the provider reads it back: 90 seconds are "1m30s". */
export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  const text = parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : "")).join("");
  // 3600 s are "1h", but 3605 s are "1h0m5s".
  return text === "" ? "0s" : text.replace(/^(\d+h)(\d+s)$/, "$10m$2");
}
