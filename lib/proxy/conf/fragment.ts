/**
 * What one feature of the proxy (TLS, users, accelerated pulls, …) adds to nginx.conf.
 * Each list holds lines, a block's inner lines indented by four spaces as if the list stood alone.
 */
export interface NginxFragment {
  /** Names of the scripts in `proxy/njs/` that its lines call; their files come with the binding. */
  readonly scripts?: string[];
  /** The same for lines that count only where the image has njs. */
  readonly optionalScripts?: string[];
  /** At the head of `http`: what is logged, and where. */
  readonly log?: string[];
  /** In `http`, before the servers. */
  readonly http?: string[];
  /** In the public server. */
  readonly server?: string[];
  /** In `location /v2/` of the public server. */
  readonly registry?: string[];
  /** In the server that the health check asks. */
  readonly health?: string[];
  /** Further servers. */
  readonly servers?: string[];
}
