import { Service, type ServiceEndpointSpecPorts } from "@cdktf/provider-docker/lib/service";
import { TerraformResource, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown, requireWholeNumber } from "../core/validation";
import type { ProxyBinding } from "../proxy/proxy-part";
import type { NginxServiceProps } from "./nginx-service-props";
import { EVERY_ADDRESS } from "./service-checks";
import { UpdateOrder } from "./service-props";

/** Refuses what a proxy on several machines cannot have, before anything is bound. */
export function requireOnEveryNode(where: IConstruct, props: NginxServiceProps): void {
  const { endpoint, certificate, update, placement } = props;
  requireWholeNumber(where, "nodes", props.nodes, { min: 1, max: 10_000, example: 3 });
  if (isKnown(endpoint.publishAddress) && !EVERY_ADDRESS.includes(endpoint.publishAddress)) {
    throw invalidInput({
      where,
      field: "endpoint.publishAddress",
      got: endpoint.publishAddress,
      expected: '"0.0.0.0", as Swarm publishes a port on all addresses of a node',
      fix: 'write publishAddress: "0.0.0.0", and keep others out by a firewall, users, or extraServerDirectives',
    });
  }
  if (certificate?.followedFiles) {
    throw invalidInput({
      where,
      field: "certificate",
      got: "files that somebody else renews",
      expected: "a certificate that Terraform knows: the files are on one machine",
      fix: "use Certificate.fromPem() with Fn.file(…), and deploy after each renewal",
    });
  }
  if (update?.order === UpdateOrder.START_FIRST) {
    throw invalidInput({
      where,
      field: "update.order",
      got: update.order,
      expected: "stop-first: the port of a node has one owner at a time",
      fix: "leave it out",
    });
  }
  if (props.directPulls || props.acceleratedPulls) {
    throw invalidInput({
      where,
      field: props.directPulls ? "directPulls" : "acceleratedPulls",
      got: true,
      expected: "false: the data are in a bucket, and nginx has no files of them",
      fix: "leave it out; redirect: true of the storage takes pulls off the registry",
    });
  }
  if (placement?.maxReplicasPerNode !== undefined && placement.maxReplicasPerNode !== 1) {
    throw invalidInput({
      where,
      field: "placement.maxReplicasPerNode",
      got: placement.maxReplicasPerNode,
      expected: "1: the port of a node has one owner",
      fix: "leave it out",
    });
  }
}

/** Ports of the nodes that another service of the stack publishes too: only one of the two would ever start. */
export function takenPorts({ node }: IConstruct, own: Service): string[] {
  const others = TerraformStack.of(own)
    .node.findAll()
    .filter(
      (part): part is Service =>
        TerraformResource.isTerraformResource(part) &&
        part.terraformResourceType === Service.tfResourceType &&
        part !== own,
    );
  return publishedBy(own).flatMap((port) =>
    others
      .filter((other) => publishedBy(other).includes(port))
      .map(
        (other) =>
          `${node.path}: port ${port} of each node is taken by ${other.node.scope?.node.path}. Fix: give one of the two another port`,
      ),
  );
}

function publishedBy({ endpointSpecInput }: Service): (number | undefined)[] {
  return ((endpointSpecInput?.ports ?? []) as ServiceEndpointSpecPorts[]).map(({ publishedPort }) => publishedPort);
}

/** Refuses parts that need something of one machine. */
export function requireProxyOfNodes(where: IConstruct, parts: ProxyBinding[]): void {
  const volume = parts.flatMap(({ mounts }) => mounts ?? [])[0]?.volumeName;
  const isLog = parts.some(({ everySecond }) => everySecond !== undefined);
  if (volume !== undefined || isLog) {
    throw invalidInput({
      where,
      field: "accessLog, auditLog or parts",
      got: volume === undefined ? "work for each second" : `the volume "${volume}"`,
      expected: "nothing that one machine would have: each node has an nginx of its own",
      fix: "write AccessLog.toLogDriver() or AuditLog.toLogDriver(), whose lines `docker service logs` shows for all nodes",
    });
  }
}
