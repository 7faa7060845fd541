import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import type { RegistryBinding } from "../registry/registry-part";
import type { RegistryServiceProps } from "./registry-service-props";

/** What needs the one machine that a container runs on, and what to do instead. */
const OF_ONE_MACHINE: {
  readonly [prop: string]: { readonly got: string; readonly expected: string; readonly fix: string };
} = {
  auth: {
    got: "users of the registry",
    expected: "none: its file of users is in a volume of one machine",
    fix: "let the proxy check them: auth of NginxService, or users of SwarmRegistry",
  },
  immutableTags: {
    got: "rules",
    expected: "none: each node has a proxy, and none of them knows what another one lets through",
    fix: "leave it out, or run the registry on one machine",
  },
  quotas: {
    got: "quotas",
    expected: "none: each node has a proxy, and what is used is counted in a volume of one machine",
    fix: "leave it out, or run the registry on one machine; a bucket's provider may have a quota of the bucket",
  },
};

/** Refuses what a service cannot have, before anything is bound. */
export function requireNothingOfOneMachine(where: IConstruct, props: RegistryServiceProps): void {
  for (const [field, { got, expected, fix }] of Object.entries(OF_ONE_MACHINE)) {
    if (props[field as keyof RegistryServiceProps] !== undefined) {
      throw invalidInput({ where, field, got, expected, fix });
    }
  }
  if (props.storage === undefined) {
    throw storageError(where, undefined);
  }
}

/**
 * Refuses what the parts have asked for that no other node has.
 *
 * @param config of the registry, merged
 */
export function requireSharedState(
  where: IConstruct,
  config: { readonly [key: string]: any },
  parts: RegistryBinding[],
): void {
  const { storage, http } = config;
  if (storage?.filesystem || storage?.inmemory) {
    throw storageError(where, storage.filesystem ? "a volume" : "the memory of one process");
  }
  if (http?.net === "unix") {
    throw invalidInput({
      where,
      field: "listener",
      got: "a unix socket",
      expected: "a port: proxy and registry may be on two nodes",
      fix: "leave listener out, or write RegistryListener.tcp() or RegistryListener.tls(…)",
    });
  }
  if (!http?.secret) {
    throw invalidInput({
      where,
      field: "configOverrides.http.secret",
      got: http?.secret,
      expected: "the secret that all replicas share: an upload begun at one would be refused by the others",
      fix: "leave it out of configOverrides",
    });
  }
  const volume = parts.flatMap(({ volumes, mounts }) => [
    ...(volumes ?? []).map(({ name }) => name),
    ...(mounts ?? []).map(({ volumeName }) => volumeName),
  ])[0];
  if (volume !== undefined) {
    throw invalidInput({
      where,
      field: "parts",
      got: `a part that needs the volume "${volume}"`,
      expected: "parts without volumes, since each node would have another one of that name",
      fix: "leave the part out; a cache is RedisService or ExistingRedis",
    });
  }
}

function storageError(where: IConstruct, got: string | undefined): Error {
  return invalidInput({
    where,
    field: "storage",
    got,
    expected: "a storage that all nodes reach: replicas on several machines share no volume",
    fix: "write RegistryStorage.s3({ bucket, endpoint, accessKey, secretKey }); docs/swarm.md says how to move images there",
  });
}
