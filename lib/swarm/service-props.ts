/** Which nodes of a Swarm run a service. */
export interface ServicePlacement {
  /**
   * What a node must be like, as Swarm writes it: `"node.labels.registry==yes"`, `"node.role==worker"`.
   *
   * @default - any node
   * @see https://docs.docker.com/engine/swarm/services/#placement-constraints
   */
  readonly constraints?: string[];

  /**
   * Labels of nodes over whose values replicas are spread evenly, such as `"node.labels.zone"`.
   *
   * @default - Swarm spreads them over nodes
   */
  readonly spreadOver?: string[];

  /**
   * The most replicas on one node. An update then stops a replica before it starts another one, as there may be no room for
   * both.
   *
   * @default - no limit
   */
  readonly maxReplicasPerNode?: number;
}

/** What comes first when a replica is replaced. */
export enum UpdateOrder {
  /** The new one takes requests before the old one is stopped. */
  START_FIRST = "start-first",
  /** The old one goes first: a port of a node can have one owner only. */
  STOP_FIRST = "stop-first",
}

/** How the replicas of a service are replaced when something of it changes. */
export interface ServiceUpdate {
  /**
   * Replicas that are replaced at a time.
   *
   * @default 1
   */
  readonly parallelism?: number;

  /**
   * Seconds from one to the next.
   *
   * @default 0
   */
  readonly delaySeconds?: number;

  /**
   * How long a new replica is watched, in seconds. One that ends or becomes unhealthy meanwhile brings the former version
   * back, and the deploy fails. The deploy takes this long at least.
   *
   * @default 10
   */
  readonly monitorSeconds?: number;

  /**
   * Whether the new container starts before the old one is stopped.
   *
   * @default - UpdateOrder.START_FIRST for a registry without `maxReplicasPerNode`, UpdateOrder.STOP_FIRST otherwise
   */
  readonly order?: UpdateOrder;
}

/** What a service of Swarm lets its user choose, beside what a container does. */
export interface SwarmServiceOptions {
  /**
   * The nodes that run it.
   *
   * @default - any
   */
  readonly placement?: ServicePlacement;

  /**
   * How it is updated.
   *
   * @default - one replica after the other; the former version comes back when the new one fails
   */
  readonly update?: ServiceUpdate;

  /**
   * The most CPU time that each replica gets, in cores, such as 1.5.
   *
   * @default - no limit
   */
  readonly cpuLimit?: number;

  /**
   * CPU time that a node must have left for a replica, in cores.
   *
   * @default 0
   */
  readonly cpuReservation?: number;

  /**
   * Memory that a node must have left for a replica, in MiB.
   *
   * @default 0
   */
  readonly memoryReservationMiB?: number;

  /**
   * How long a deploy waits for the replicas, in seconds. Then it fails, and a service that was not there before is removed.
   *
   * @default 300
   */
  readonly deployTimeoutSeconds?: number;
}
