import type { Image } from "@cdktf/provider-docker/lib/image";
import type { Service } from "@cdktf/provider-docker/lib/service";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { httpGet, readerHealthCommand } from "../docker/config-follower";
import { CONFIG_FOLDER, type ConfigFile } from "../docker/config-volume";
import { LEDGER_PORT } from "../registry/ledger";
import { COLLECT, MAINTAIN, MAINTENANCE_IPC } from "../registry/maintenance-part";
import { STATUS_FOLDER } from "../registry/status";
import type { RegistryServiceProps } from "./registry-service-props";
import { swarmService } from "./service";
import { ServiceFiles } from "./service-files";
import { UpdateOrder } from "./service-props";
import { taskScript } from "./task-start";

const SCRIPT = `sh ${CONFIG_FOLDER}/current/${MAINTAIN}`;

/** What it has of a registry, beside what parts have added for themselves. */
const NOT_ITS_OWN = ["config.yml", "uncached.yml", MAINTAIN];

/** What the registries of a service say of themselves to the task that collects their garbage. */
export interface CollectorSpec {
  readonly name: string;
  readonly image: Image;
  readonly imageReference: string;
  /** Shell command that tries what the image has. */
  readonly check?: string;
  /** Of a registry. */
  readonly files: ConfigFile[];
  readonly environment: string[];
  readonly networkIds: string[];
  readonly dependsOn: ITerraformDependable[];
}

/**
 * The one task that collects the garbage of a service of registries. It takes no requests: all that it says to them, and
 * they to it, goes by way of the bucket, which whoever writes images reaches.
 */
export function collectorService(scope: Construct, props: RegistryServiceProps, spec: CollectorSpec): Service {
  const collector = new Construct(scope, "Collector");
  const { constraints, spreadOver } = props.placement ?? {};
  const options = {
    logDriver: props.logDriver,
    deployTimeoutSeconds: props.deployTimeoutSeconds,
    placement: { constraints, spreadOver },
    update: props.update && { monitorSeconds: props.update.monitorSeconds },
  };
  const files = spec.files
    .filter(({ path }) => !NOT_ITS_OWN.includes(path))
    .map((file) => (file.path === COLLECT ? { ...file, path: MAINTAIN } : file));
  return swarmService(collector, options, {
    name: spec.name,
    image: spec.image,
    imageReference: spec.imageReference,
    replicas: 1,
    script: taskScript(RUNNER, spec.check),
    environment: spec.environment,
    files: new ServiceFiles(collector, "Files", spec.name, () => files),
    // Lists of digests, and of a large bucket many.
    memoryFolders: { "/tmp": 1, [STATUS_FOLDER]: 64 },
    networkIds: spec.networkIds,
    healthCommand: readerHealthCommand(httpGet(`http://127.0.0.1:${LEDGER_PORT}/`)),
    // Two would only wait for each other.
    order: UpdateOrder.STOP_FIRST,
    dependsOn: spec.dependsOn,
  });
}

/** The first process of the task: it runs the schedule, and lets the registries write again before it ends. */
const RUNNER = `echo $$ >${MAINTENANCE_IPC}/runner.pid
stopping=
trap 'stopping=1' TERM QUIT INT
${SCRIPT} recover
${SCRIPT} schedule &
scheduler=$!
while [ -z "$stopping" ] && kill -0 "$scheduler" 2>/dev/null; do
  sleep 1 &
  wait $!
done
kill "$scheduler" 2>/dev/null
${SCRIPT} leave
[ -n "$stopping" ]`;
