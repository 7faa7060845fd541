import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown, requireOneOf, requireWholeNumber } from "../core/validation";
import { type SwarmServiceOptions, UpdateOrder } from "./service-props";

/** What a port can be published on: Swarm knows no single address of a node. */
export const EVERY_ADDRESS = ["0.0.0.0", "::"];

/** Refuses options of a service that are wrong by themselves. */
export function requireSoundOptions(where: IConstruct, options: SwarmServiceOptions): void {
  const { placement, update } = options;
  requireWholeNumber(where, "placement.maxReplicasPerNode", placement?.maxReplicasPerNode, {
    min: 1,
    max: 1000,
    example: 1,
  });
  requireWholeNumber(where, "update.parallelism", update?.parallelism, { min: 1, max: 1000, example: 1 });
  requireWholeNumber(where, "update.delaySeconds", update?.delaySeconds, { min: 0, max: 3600, example: 10 });
  requireWholeNumber(where, "update.monitorSeconds", update?.monitorSeconds, { min: 1, max: 3600, example: 10 });
  requireOneOf(where, "update.order", update?.order, Object.values(UpdateOrder));
  requireWholeNumber(where, "deployTimeoutSeconds", options.deployTimeoutSeconds, { min: 30, max: 7200, example: 300 });
  requireWholeNumber(where, "memoryReservationMiB", options.memoryReservationMiB, {
    min: 0,
    max: 1024 * 1024,
    example: 256,
  });
  requireCores(where, "cpuLimit", options.cpuLimit);
  requireCores(where, "cpuReservation", options.cpuReservation);
  for (const constraint of placement?.constraints ?? []) {
    requireConstraint(where, constraint);
  }
  for (const label of placement?.spreadOver ?? []) {
    requireSpreadLabel(where, label);
  }
}

function requireCores(where: IConstruct, field: string, got: number | undefined): void {
  if (isKnown(got) && !(typeof got === "number" && got >= 0.01 && got <= 1024)) {
    throw invalidInput({
      where,
      field,
      got,
      expected: "a number of cores from 0.01 to 1024",
      fix: "write a number such as 1.5, without quotes",
    });
  }
}

function requireConstraint(where: IConstruct, constraint: string): void {
  if (isKnown(constraint) && !/^(node|engine)\.[\w./-]+ ?(==|!=) ?\S+$/.test(constraint)) {
    throw invalidInput({
      where,
      field: "placement.constraints",
      got: constraint,
      expected: "what a node must be like, with == or !=",
      fix: 'write it like "node.labels.registry==yes"',
    });
  }
}

function requireSpreadLabel(where: IConstruct, label: string): void {
  if (isKnown(label) && !/^(node|engine)\.labels\.[\w./-]+$/.test(label)) {
    throw invalidInput({
      where,
      field: "placement.spreadOver",
      got: label,
      expected: "a label of nodes or engines",
      fix: 'write it like "node.labels.zone"',
    });
  }
}

/** How many there are, and where they have to find room. */
export interface Replicas {
  readonly replicas: number;
  readonly nodes?: number;
  readonly options: SwarmServiceOptions;
}

/** Refuses replicas that no scheduler can place, and updates that could never begin. */
export function requirePlaceable(where: IConstruct, { replicas, nodes, options }: Replicas): void {
  requireWholeNumber(where, "replicas", replicas, { min: 1, max: 1000, example: 2 });
  requireWholeNumber(where, "nodes", nodes, { min: 1, max: 10_000, example: 3 });
  const most = options.placement?.maxReplicasPerNode;
  if (!isKnown(most) || !isKnown(nodes) || !isKnown(replicas)) {
    return;
  }
  const room = (most as number) * (nodes as number);
  if (replicas > room) {
    throw invalidInput({
      where,
      field: "replicas",
      got: replicas,
      expected: `at most ${room}: placement.maxReplicasPerNode is ${most}, and there are ${nodes} nodes`,
      fix: "have fewer replicas or more nodes, or raise maxReplicasPerNode",
    });
  }
  if (replicas === room && options.update?.order === UpdateOrder.START_FIRST) {
    throw invalidInput({
      where,
      field: "update.order",
      got: options.update.order,
      expected: `stop-first: ${replicas} replicas take all the room that ${nodes} nodes have, and no new one could start before an old one stops`,
      fix: "leave update.order out, or raise placement.maxReplicasPerNode",
    });
  }
}
