import type { IConstruct } from "constructs";
import type { VolumeMount } from "../docker/service-container";
import type { IRegistryBlobs } from "./blobs";
import type { IImmutableTags } from "./immutable-tags";
import type { IMetricsEndpoint } from "./metrics-part";
import type { IRepositoryQuotas } from "./quotas";
import type { IRegistryUsers } from "./registry-part";
import type { RegistryStatus } from "./status";

/** A registry that a proxy can stand in front of. */
export interface IRegistry extends IConstruct {
  /** How a proxy reaches it. */
  readonly upstream: RegistryUpstream;

  /**
   * Who sends its blobs.
   *
   * @default - the registry, because they are not files that a proxy could send
   */
  readonly blobs?: IRegistryBlobs;

  /**
   * Users whose passwords it checks by itself.
   *
   * @default - it asks for no password
   */
  readonly users?: IRegistryUsers;

  /**
   * Where it tells its proxy what it can do at the moment.
   *
   * @default - nowhere: it takes pushes at any time
   */
  readonly status?: RegistryStatus;

  /**
   * Tags that its proxy never lets change.
   *
   * @default - none
   */
  readonly immutableTags?: IImmutableTags;

  /**
   * How much its repositories may hold; its proxy refuses what would be more.
   *
   * @default - no quotas
   */
  readonly quotas?: IRepositoryQuotas;

  /**
   * Where its metrics are; its proxy adds its own.
   *
   * @default - nowhere
   */
  readonly metrics?: IMetricsEndpoint;

  /**
   * A path that everything of it is below, as in `/team/`; an `NginxProxy` refuses a registry that has one.
   *
   * @default - none: it serves `/v2/`
   */
  readonly pathPrefix?: string;

  /** Whether nobody can push to it, as to a mirror. */
  readonly pullOnly: boolean;
}

/** What a proxy needs to reach a registry. */
export interface RegistryUpstream {
  /** The address as nginx's `server` directive takes it: `unix:<path>` or `<host>:<port>`. */
  readonly address: string;

  /**
   * Volumes that the proxy mounts to reach it.
   *
   * @default - none
   */
  readonly mounts?: VolumeMount[];

  /**
   * Networks that the proxy joins to reach it.
   *
   * @default - none
   */
  readonly networkNames?: string[];

  /**
   * Whether several registries answer at this address, so that another one can be asked when one does not.
   *
   * @default false
   */
  readonly isReplicated?: boolean;

  /**
   * The CA that the registry's own certificate is verified against, in PEM.
   *
   * @default - plain HTTP
   */
  readonly caCertificatePem?: string;
}
