import execa from "execa";

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  readonly headers?: Record<string, string>;
}

export interface Measured {
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Answers other than 2xx and 3xx, and broken connections. */
  readonly failures: number;
}

/** As many requests as the connections take; certificates are not verified. */
export async function wrk(url: string, load: Load): Promise<Measured> {
  const headers = Object.entries(load.headers ?? {}).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const settings = ["-t2", `-c${load.connections}`, `-d${load.seconds}s`, "--timeout", "60s"];
  const { stdout } = await execa("wrk", [...settings, ...headers, url]);
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0);
  return {
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    failures: number(/Non-2xx or 3xx responses: (\d+)/) + number(/read (\d+)/) + number(/write (\d+)/),
  };
}
