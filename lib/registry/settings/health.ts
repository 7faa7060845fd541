import type { IConstruct } from "constructs";
import { invalidInput } from "../../core/errors";
import { requireSecretHeaders } from "../../core/secrets";
import { isKnown, requireAddress, requireHttpUrl, requireWholeNumber } from "../../core/validation";
import type { RegistryBinding } from "../registry-part";

/** How often something is looked at, and how many failures in a row count. */
export interface HealthCheckTiming {
  /**
   * Seconds from one look to the next.
   *
   * @default 10
   */
  readonly intervalSeconds?: number;

  /**
   * Failures in a row after which the registry answers everything with 503.
   *
   * @default 3
   */
  readonly threshold?: number;
}

/** Whether the storage answers. */
export interface StorageHealthCheck extends HealthCheckTiming {
  /**
   * Whether it is checked.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/** A file that takes the registry out of service while it exists. */
export interface FileHealthCheck {
  /** Absolute path in the container, where something can be written: below `/var/lib/registry`, or on a mount of yours. */
  readonly path: string;

  /**
   * Seconds from one look to the next.
   *
   * @default 10
   */
  readonly intervalSeconds?: number;
}

/** A web server without which the registry is of no use. */
export interface HttpHealthCheck extends HealthCheckTiming {
  /** Asked by HEAD. */
  readonly url: string;

  /**
   * Headers of the request. No plan shows their values; those that let somebody in are sensitive variables, as with
   * the headers of a `NotificationEndpoint`.
   *
   * @default - none
   */
  readonly headers?: { readonly [name: string]: string[] };

  /**
   * The status of a good answer.
   *
   * @default 200
   */
  readonly statusCode?: number;

  /**
   * How long an answer may take, in seconds.
   *
   * @default 3
   */
  readonly timeoutSeconds?: number;
}

/** A server without which the registry is of no use. */
export interface TcpHealthCheck extends HealthCheckTiming {
  /** `host:port`; never the cache's, which the registry can do without. */
  readonly address: string;

  /**
   * How long an answer may take, in seconds.
   *
   * @default 3
   */
  readonly timeoutSeconds?: number;
}

/** What must be well for the registry to be. While it is not, every request is answered with 503. */
export interface RegistryHealth {
  /**
   * Only looks whether the root of the storage answers; a full disk stays green.
   *
   * @default - every 10 seconds, three failures
   */
  readonly storage?: StorageHealthCheck;

  /**
   * Files that make it unhealthy while they are there.
   *
   * @default - none
   */
  readonly files?: FileHealthCheck[];

  /**
   * URLs that have to answer.
   *
   * @default - none
   */
  readonly http?: HttpHealthCheck[];

  /**
   * Ports that have to take connections.
   *
   * @default - none
   */
  readonly tcp?: TcpHealthCheck[];
}

export function bindHealth(where: IConstruct, health: RegistryHealth): RegistryBinding {
  const { storage = {}, files = [], http = [], tcp = [] } = health;
  requireTiming(where, "health.storage", storage);
  for (const check of files) {
    requireTiming(where, "health.files", check);
    requireAbsolutePath(where, check.path);
  }
  for (const check of http) {
    requireTiming(where, "health.http", check);
    requireHttpUrl(where, "health.http.url", check.url);
    requireSecretHeaders(where, "health.http.headers", check.headers);
    requireWholeNumber(where, "health.http.statusCode", check.statusCode, { min: 100, max: 599, example: 200 });
  }
  for (const check of tcp) {
    requireTiming(where, "health.tcp", check);
    requireAddress(where, "health.tcp.address", check.address);
  }
  return {
    config: {
      health: {
        storagedriver: { enabled: storage.enabled ?? true, ...timing(storage) },
        ...(files.length > 0
          ? { file: files.map((check) => ({ file: check.path, interval: `${check.intervalSeconds ?? 10}s` })) }
          : {}),
        ...(http.length > 0
          ? {
              http: http.map((check) => ({
                uri: check.url,
                ...(check.headers ? { headers: { ...check.headers } } : {}),
                statuscode: check.statusCode ?? 200,
                timeout: `${check.timeoutSeconds ?? 3}s`,
                ...timing(check),
              })),
            }
          : {}),
        ...(tcp.length > 0
          ? {
              tcp: tcp.map((check) => ({
                addr: check.address,
                timeout: `${check.timeoutSeconds ?? 3}s`,
                ...timing(check),
              })),
            }
          : {}),
      },
    },
    secrets: http.flatMap(({ headers }) => Object.values(headers ?? {}).flat()),
    reachesOut: http.length + tcp.length > 0,
  };
}

function timing(check: HealthCheckTiming): object {
  return { interval: `${check.intervalSeconds ?? 10}s`, threshold: check.threshold ?? 3 };
}

function requireTiming(
  where: IConstruct,
  field: string,
  check: HealthCheckTiming & { readonly timeoutSeconds?: number },
): void {
  const seconds = { min: 1, max: 3600, example: 10 };
  requireWholeNumber(where, `${field}.intervalSeconds`, check.intervalSeconds, seconds);
  requireWholeNumber(where, `${field}.timeoutSeconds`, check.timeoutSeconds, { ...seconds, example: 3 });
  requireWholeNumber(where, `${field}.threshold`, check.threshold, { min: 1, max: 1000, example: 3 });
}

function requireAbsolutePath(where: IConstruct, path: string): void {
  if (isKnown(path) && !path.startsWith("/")) {
    throw invalidInput({
      where,
      field: "health.files.path",
      got: path,
      expected: "an absolute path in the container",
      fix: `write "/${path}"`,
    });
  }
}
