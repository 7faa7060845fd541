import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import type { IRegistryBlobs } from "./blobs";
import type { IMetricsEndpoint } from "./metrics-part";
import { type MirrorUpstream, UpstreamPart } from "./mirror-upstream";
import { pushersOfPullOnly } from "./pull-only";
import type { IRegistry, RegistryUpstream } from "./registry";
import { RegistryContainer } from "./registry-container";
import type { RegistryContainerProps } from "./registry-container-props";
import type { IRegistryUsers } from "./registry-part";
import type { RegistryStatus } from "./status";

/** A pull-through cache of another registry; read-only. */
export interface MirrorContainerProps extends RegistryContainerProps {
  /** The registry that it copies from. */
  readonly upstream: MirrorUpstream;
}

/**
 * A pull-through mirror: what is pulled from it comes from its upstream the first time, and from its own copy then.
 *
 * Nobody can push to it or delete from it. Tags are asked for at the upstream each time, and while that does not answer
 * the mirror gives what it has. With version 3 it also starts while its upstream is down; version 2 does not, and there is
 * a warning.
 *
 * @example
 * import { MirrorContainer, NginxProxy, PublicEndpoint } from "cdktf-docker-registry";
 *
 * const registry = new MirrorContainer(stack, "Registry", {
 *   upstream: { url: "https://registry-1.docker.io", ttlHours: 168 },
 * });
 * const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });
 * new NginxProxy(stack, "Proxy", { endpoint, registry });
 */
export class MirrorContainer extends Construct implements IRegistry {
  /** The registry that holds the copies. */
  public readonly registry: RegistryContainer;

  public readonly pullOnly: boolean = true;

  /** @throws when a prop is given that only pushes need */
  constructor(scope: Construct, id: string, props: MirrorContainerProps) {
    super(scope, id);
    requireNothingOfPushes(this, props);
    // cdktf leaves this id out of addresses.
    this.registry = new RegistryContainer(this, "Default", {
      ...props,
      trustedCaPem: joined(props.trustedCaPem, props.upstream.caCertificatePem),
      networkNames: props.networkNames ?? props.upstream.networkNames,
      parts: [new UpstreamPart(props.upstream), ...(props.parts ?? [])],
    });
    this.node.addValidation({ validate: () => pushersOfPullOnly(this, this.users) });
  }

  public get upstream(): RegistryUpstream {
    return this.registry.upstream;
  }

  public get blobs(): IRegistryBlobs | undefined {
    return this.registry.blobs;
  }

  public get users(): IRegistryUsers | undefined {
    return this.registry.users;
  }

  public get status(): RegistryStatus | undefined {
    return this.registry.status;
  }

  public get metrics(): IMetricsEndpoint | undefined {
    return this.registry.metrics;
  }

  public get pathPrefix(): string | undefined {
    return this.registry.pathPrefix;
  }
}

function requireNothingOfPushes(where: Construct, props: MirrorContainerProps): void {
  if (props.immutableTags?.length) {
    throw invalidInput({
      where,
      field: "immutableTags",
      got: "rules",
      expected: "none, because nobody pushes to a mirror: its upstream moves its tags",
      fix: "leave it out; the upstream can have immutable tags",
    });
  }
  if (props.deleteEnabled !== undefined) {
    throw invalidInput({
      where,
      field: "deleteEnabled",
      got: props.deleteEnabled,
      expected: "nothing, because a mirror has only copies: what is deleted comes back at the next pull",
      fix: "leave it out; copies go by themselves after upstream.ttlHours",
    });
  }
}

function joined(...pems: (string | undefined)[]): string | undefined {
  const given = pems.filter((pem): pem is string => pem !== undefined);
  return given.length > 0 ? given.join("\n") : undefined;
}
