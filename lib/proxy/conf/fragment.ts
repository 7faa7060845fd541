/** A location of the public server that is not the registry's. */
export interface NginxLocation {
  /** As it stands behind `location`, such as `= /`. */
  readonly match: string;
  /** What is in it; the headers that the server adds to all its answers come on top. */
  readonly lines: string[];
}

/**
 * What one feature of the proxy (TLS, users, accelerated pulls, …) adds to nginx.conf.
 * Each list holds lines, a block's inner lines indented by four spaces as if the list stood alone.
 */
export interface NginxFragment {
  /**
   * Names of the scripts in `proxy/njs/` that its lines call; their files come with the binding.
   *
   * @default - none
   */
  readonly scripts?: string[];

  /**
   * The same for lines that count only where the image has njs.
   *
   * @default - none
   */
  readonly optionalScripts?: string[];

  /**
   * At the head of `http`: what is logged, and where.
   *
   * @default - none
   */
  readonly log?: string[];

  /**
   * In `http`, before the servers.
   *
   * @default - none
   */
  readonly http?: string[];

  /**
   * In the public server.
   *
   * @default - none
   */
  readonly server?: string[];

  /**
   * In `location /v2/` of the public server.
   *
   * @default - none
   */
  readonly registry?: string[];

  /**
   * In the server that the health check asks.
   *
   * @default - none
   */
  readonly health?: string[];

  /**
   * Further servers.
   *
   * @default - none
   */
  readonly servers?: string[];

  /**
   * Further locations of the public server.
   *
   * @default - none
   */
  readonly locations?: NginxLocation[];

  /**
   * Whether repositories tell their tags' digests and times, and their size, where nginx answers pulls by itself.
   *
   * @default false
   */
  readonly repositoryFacts?: boolean;
}

/** Those parts of a fragment that are lines. */
export type NginxLines = Exclude<keyof NginxFragment, "locations" | "repositoryFacts">;
