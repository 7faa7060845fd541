/** Something beside the registry's process that has metrics: its proxy, its cache, its backup. */
export interface MetricsSource {
  /** What it is, in a word that no other source has: letters, digits, `-`, `_` and `.`. */
  readonly name: string;

  /** Name of the volume that the metrics are in; the endpoint reads it. */
  readonly volumeName: string;

  /** The file in that volume that has them in Prometheus' text format, or the socket of a web server that answers `/` with them. */
  readonly file: string;

  /**
   * Whether `file` is a socket.
   *
   * @default false
   */
  readonly isSocket?: boolean;

  /**
   * What is shown while a socket does not answer, in the same format.
   *
   * @default - nothing
   */
  readonly otherwise?: string;
}
