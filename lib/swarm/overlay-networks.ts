import { DataDockerNetwork } from "@cdktf/provider-docker/lib/data-docker-network";
import { Network } from "@cdktf/provider-docker/lib/network";
import { TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { NetworkDescription } from "../docker/owned-resources";

/** What a network of several machines is like. */
export interface OverlayNetworkOptions {
  /** Whether what nodes say to each other on it is encrypted by their kernels. */
  readonly isEncrypted?: boolean;
}

/** Another name, so that another network is made when encryption is turned on or off: its options are looked at only once. */
const encryptedName = (name: string): string => `${name}-encrypted`;

/** A network over all nodes. */
export function overlayNetwork(
  scope: Construct,
  { id, name, isInternal }: NetworkDescription,
  { isEncrypted }: OverlayNetworkOptions,
): Network {
  return new Network(scope, id, {
    name: isEncrypted ? encryptedName(name) : name,
    driver: "overlay",
    internal: isInternal ?? false,
    // Swarm adds the network's number to them, and each plan would make it anew to take that away.
    ...(isEncrypted ? { options: { encrypted: "" }, lifecycle: { ignoreChanges: ["options"] } } : {}),
  });
}

/** The same for containers beside the services, such as a Prometheus on a manager. What is said on it is no secret. */
export function attachableNetwork(scope: Construct, { id, name, isInternal }: NetworkDescription): Network {
  return new Network(scope, id, { name, driver: "overlay", internal: isInternal ?? false, attachable: true });
}

/**
 * The id of a network, by which services have to name it: a name would be another value in each plan. Networks that are
 * not made here are looked up.
 */
export function networkId(scope: Construct, name: string): string {
  const own = TerraformStack.of(scope)
    .node.findAll()
    .filter(
      (part): part is Network =>
        TerraformResource.isTerraformResource(part) && part.terraformResourceType === Network.tfResourceType,
    )
    .find(({ nameInput }) => nameInput === name || nameInput === encryptedName(name));
  if (own) {
    return own.id;
  }
  const id = `Network-${name}`;
  const known = scope.node.tryFindChild(id) as DataDockerNetwork | undefined;
  return (known ?? new DataDockerNetwork(scope, id, { name })).id;
}
