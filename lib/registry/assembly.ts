import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import { defaultName } from "../core/names";
import { terraformText } from "../core/terraform-text";
import type { ConfigFile } from "../docker/config-volume";
import { OWNED_FOLDER } from "../docker/config-writer";
import { stopGraceSeconds, type VolumeMount } from "../docker/service-container";
import { VolumeBlobs } from "./blobs";
import { registryCheck } from "./config-check";
import { type ConfigFragment, mergeRegistryConfig, renderRegistryConfig } from "./config-yml";
import { LOCAL_DEBUG_ADDRESS } from "./debug-server";
import { answerHeaders, whyAskedForPulls } from "./direct-pulls";
import { type DiskGuard, diskGuard, WATCH_DISK, watchDiskScript, withReserveCheck } from "./disk-guard";
import { LEDGER_CONFIG, ledgerConfig } from "./ledger";
import { CONFIG_VARIANTS, MAINTENANCE_DRAIN, requireMaintainable } from "./maintenance-part";
import type { RegistryContainerProps } from "./registry-container-props";
import { RegistryListener, type RegistryListenerBinding } from "./registry-listener";
import type { IRegistryUsers, RegistryBinding, RegistryContext } from "./registry-part";
import { RegistryStorage } from "./registry-storage";
import { registryHealthCommand, registryRunner, servingDebugAddress } from "./runner";
import { bindSettings } from "./settings/settings";
import { noteStorage, requireOnlyWriter } from "./shared-storage";
import { countsRequests, IN_FLIGHT, inFlightScript } from "./transfers";

/** The parts of a registry, bound to it but not merged yet. */
export interface BoundParts {
  readonly listener: RegistryListenerBinding;
  /** All of them, with the listener's. */
  readonly registry: RegistryBinding[];
  /** The disk that pushes must not fill, if there is one. */
  readonly guard?: DiskGuard;
}

/** What is known of a registry beside its props and parts. */
export interface RegistrySurroundings {
  readonly guard?: DiskGuard;
  /** Whether others write to its storage too. */
  readonly isReplicated?: boolean;
}

/** Everything that a registry is, before a container or a service is made of it. */
export interface RegistryAssembly {
  /** config.yml and the files beside it. */
  readonly files: ConfigFile[];
  /** Shell command that tries them. */
  readonly check: string;
  /** Shell command that runs the registry and follows changes of its files. */
  readonly runner: string;
  readonly healthCommand: string[];
  /** Blobs as files, where the storage has them. */
  readonly blobs?: VolumeBlobs;
  /** The volume with the data, where the storage has one. */
  readonly dataVolume?: VolumeMount;
  /** Whether it copies from an upstream, and takes no pushes. */
  readonly isMirror: boolean;
  /** The path that everything is below, where it is not "/". */
  readonly pathPrefix?: string;
  /** Users whose passwords the registry checks. */
  readonly users?: IRegistryUsers;
}

/** Binds what the props name, in the order in which the last word on a key wins. */
export function bindParts(
  scope: Construct,
  props: RegistryContainerProps,
  context: RegistryContext,
  httpSecret: string,
): BoundParts {
  const listener = (props.listener ?? RegistryListener.unixSocket()).bind(scope, context);
  const storage = (props.storage ?? RegistryStorage.filesystem()).bindToRegistry(scope, context);
  const afterStorage = { ...context, hasBucket: countsRequests(storage.config) };
  const bound = [
    ...bindSettings(scope, props, context.majorVersion),
    props.metrics?.bindToRegistry(scope, context) ?? { config: { http: { debug: { addr: LOCAL_DEBUG_ADDRESS } } } },
    { config: { http: { secret: httpSecret } }, secrets: [httpSecret] },
    listener.registry,
    storage,
    ...[props.auth, props.cache, ...(props.parts ?? []), props.maintenance].flatMap(
      (part) => part?.bindToRegistry(scope, afterStorage) ?? [],
    ),
    ...(props.maintenance ? [{ config: MAINTENANCE_DRAIN }] : []),
  ];
  const config = mergeRegistryConfig([...bound.map((part) => part.config), props.configOverrides ?? {}]);
  if (props.maintenance) {
    requireMaintainable(scope, config, bound, context.replicas !== undefined);
    if (config.storage.s3) {
      requireOnlyWriter(scope, config.storage.s3.bucket);
    }
  }
  noteStorage(scope, config, bound.find((part) => part.blobVolume)?.blobVolume?.volumeName);
  const guard = diskGuard(scope, config, props.diskReserve);
  return { listener, registry: [...bound, outboundNetwork(scope, props, bound)], guard };
}

/** Merges the parts; their mounts must already name the volumes as they are mounted. */
export function assembleRegistry(
  props: RegistryContainerProps,
  parts: RegistryBinding[],
  { guard, isReplicated }: RegistrySurroundings = {},
): RegistryAssembly {
  const overrides = { config: props.configOverrides ?? {} };
  const config = mergeRegistryConfig([...parts, overrides].map((part) => part.config));
  const volume = parts.find((part) => part.blobVolume)?.blobVolume;
  const blobs =
    volume &&
    new VolumeBlobs(volume, {
      headerValues: answerHeaders(config),
      tagsOfUpstream: config.proxy !== undefined,
      whyAsked: whyAskedForPulls(config),
    });
  const fragments = () => [...parts, ...(blobs ? [blobs.binding] : []), overrides].map((part) => part.config);
  const secrets = parts.flatMap((part) => part.secrets ?? []);
  // Late: a proxy that is made after the registry may take over the sending of blobs.
  const text = (hidden: string[]) => renderedLate(fragments, hidden);
  const variant = (difference: ConfigFragment) => renderedLate(() => [...fragments(), difference]);
  const folders = parts.flatMap((part) => part.mounts ?? []).map(({ containerPath }) => containerPath);
  const check = registryCheck(config, folders);
  const hasDisk = guard && guard.folder === volume?.containerPath;
  return {
    files: [
      { path: "config.yml", content: text([]), review: text(secrets) },
      // No review: they say nothing that config.yml does not.
      ...Object.entries(props.maintenance ? CONFIG_VARIANTS : {}).map(([path, difference]) => ({
        path,
        content: variant(difference),
      })),
      ...(props.maintenance && isReplicated
        ? [{ path: LEDGER_CONFIG, content: renderedLate(() => [ledgerConfig(mergeRegistryConfig(fragments()))]) }]
        : []),
      // What a part's file holds may be a secret; only config.yml is known well enough to be shown.
      ...parts.flatMap((part) => part.files ?? []).map(({ path, content }) => ({ path, content })),
      ...(props.maintenance && countsRequests(config)
        ? [
            {
              path: IN_FLIGHT,
              content: inFlightScript(servingDebugAddress(config), config.http?.debug?.prometheus?.path),
            },
          ]
        : []),
      ...(guard ? [{ path: WATCH_DISK, content: watchDiskScript(guard) }] : []),
    ],
    check: hasDisk ? withReserveCheck(check, guard, dataFolder(parts)) : check,
    runner: registryRunner({
      config,
      stopGraceSeconds: stopGraceSeconds(props),
      isMaintained: props.maintenance !== undefined,
      isReplicated,
      guardsDisk: guard !== undefined,
    }),
    healthCommand: registryHealthCommand(config, guard !== undefined),
    blobs,
    dataVolume: volume,
    isMirror: config.proxy !== undefined,
    pathPrefix: config.http?.prefix === "/" ? undefined : config.http?.prefix,
    users: parts.find((part) => part.users)?.users,
  };
}

function renderedLate(fragments: () => ConfigFragment[], hidden: string[] = []): string {
  return Lazy.stringValue({ produce: () => terraformText(renderRegistryConfig(fragments(), hidden)) });
}

/** Where the config writer has the disk with the data, among the volumes that it gives to the registry's user. */
function dataFolder(parts: RegistryBinding[]): string {
  const before = parts.slice(
    0,
    parts.findIndex((part) => part.blobVolume),
  );
  return `${OWNED_FOLDER}/${before.flatMap((part) => part.ownedVolumeNames ?? []).length}`;
}

/** The registry has no outbound access until a part needs it. */
function outboundNetwork(scope: Construct, props: RegistryContainerProps, parts: RegistryBinding[]): RegistryBinding {
  if (props.networkNames !== undefined || !parts.some((part) => part.reachesOut)) {
    return { config: {}, networkNames: props.networkNames };
  }
  const network = { id: "Outbound", name: `${defaultName(scope)}-outbound` };
  return { config: {}, networks: [network], networkNames: [network.name] };
}
