import type { IConstruct } from "constructs";
import { invalidInput } from "../../core/errors";
import { requireSecretHeaders } from "../../core/secrets";
import { requireHttpUrl, requireOneOf, requireWholeNumber } from "../../core/validation";
import type { RegistryBinding } from "../registry-part";

/** What happened to a repository. */
export enum NotificationAction {
  PULL = "pull",
  PUSH = "push",
  MOUNT = "mount",
  DELETE = "delete",
}

/**
 * A receiver of what happens in a registry, told by a POST for each event.
 *
 * Events wait in the registry's memory: they outlive a receiver that is down, but not the registry's process, which a
 * changed configuration replaces too.
 *
 * @see https://distribution.github.io/distribution/about/notifications/
 */
export interface NotificationEndpoint {
  /** Its name in the registry's log and metrics; no two receivers have the same. */
  readonly name: string;

  /** Where events are posted to, with its scheme. */
  readonly url: string;

  /**
   * Headers of each POST. No plan shows their values. That of an `Authorization`, a `Cookie` and whatever is called a
   * token, secret, password or API key is a sensitive variable, as what is written in the code is in the synth output.
   *
   * @default - none
   */
  readonly headers?: { readonly [name: string]: string[] };

  /**
   * How long the receiver may take to answer, in milliseconds.
   *
   * @default 1000
   */
  readonly timeoutMs?: number;

  /**
   * Failures in a row after which the registry waits before it tries again.
   *
   * @default 5
   */
  readonly threshold?: number;

  /**
   * How long it waits then, in milliseconds.
   *
   * @default 1000
   */
  readonly backoffMs?: number;

  /**
   * Media types that are not told of.
   *
   * @default - none
   */
  readonly ignoredMediaTypes?: string[];

  /**
   * Actions that are not told of.
   *
   * @default - none
   */
  readonly ignoredActions?: NotificationAction[];

  /**
   * Whether the receiver is written down but told nothing.
   *
   * @default false
   */
  readonly disabled?: boolean;
}

export function bindNotifications(
  where: IConstruct,
  endpoints: NotificationEndpoint[],
  includeReferences: boolean | undefined,
): RegistryBinding {
  for (const [index, endpoint] of endpoints.entries()) {
    requireEndpoint(where, `notifications[${index}]`, endpoint);
    if (endpoints.findIndex(({ name }) => name === endpoint.name) < index) {
      throw invalidInput({
        where,
        field: `notifications[${index}].name`,
        got: endpoint.name,
        expected: "a name that no other receiver has",
        fix: "give each receiver a name of its own",
      });
    }
  }
  if (endpoints.length === 0) {
    return { config: {} };
  }
  return {
    config: {
      notifications: {
        ...(includeReferences ? { events: { includereferences: true } } : {}),
        endpoints: endpoints.map((endpoint) => ({
          name: endpoint.name,
          disabled: endpoint.disabled ?? false,
          url: endpoint.url,
          ...(endpoint.headers ? { headers: { ...endpoint.headers } } : {}),
          timeout: `${endpoint.timeoutMs ?? 1000}ms`,
          threshold: endpoint.threshold ?? 5,
          backoff: `${endpoint.backoffMs ?? 1000}ms`,
          ignore: {
            ...(endpoint.ignoredMediaTypes ? { mediatypes: endpoint.ignoredMediaTypes } : {}),
            ...(endpoint.ignoredActions ? { actions: endpoint.ignoredActions } : {}),
          },
        })),
      },
    },
    secrets: endpoints.flatMap(({ headers }) => Object.values(headers ?? {}).flat()),
    reachesOut: endpoints.some(({ disabled }) => !disabled),
  };
}

function requireEndpoint(where: IConstruct, field: string, endpoint: NotificationEndpoint): void {
  requireHttpUrl(where, `${field}.url`, endpoint.url);
  requireSecretHeaders(where, `${field}.headers`, endpoint.headers);
  const ms = { min: 1, max: 3600_000, example: 1000 };
  requireWholeNumber(where, `${field}.timeoutMs`, endpoint.timeoutMs, ms);
  requireWholeNumber(where, `${field}.backoffMs`, endpoint.backoffMs, ms);
  requireWholeNumber(where, `${field}.threshold`, endpoint.threshold, { min: 1, max: 10_000, example: 5 });
  for (const action of endpoint.ignoredActions ?? []) {
    requireOneOf(where, `${field}.ignoredActions`, action, Object.values(NotificationAction));
  }
}
