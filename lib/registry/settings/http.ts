import type { IConstruct } from "constructs";
import { invalidInput } from "../../core/errors";
import { isKnown, requireHttpUrl } from "../../core/validation";
import type { RegistryBinding } from "../registry-part";

/** How a registry answers. */
export interface RegistryHttpProps {
  /**
   * Headers of each answer. Those of the proxy are its own matter.
   *
   * @default - X-Content-Type-Options: nosniff
   */
  readonly headers?: { readonly [name: string]: string[] };

  /**
   * The address that clients are sent to, `scheme://host[:port]`, whatever address they came to.
   *
   * @default - the address that the client used, which the proxy passes on
   */
  readonly publicUrl?: string;

  /**
   * Whether clients are sent to paths instead of whole addresses.
   *
   * @default false
   */
  readonly relativeUrls?: boolean;

  /**
   * A path below which the registry serves, such as `/team/`, for a proxy of your own that takes it away again: clients
   * ask for `/v2/` and no other path. An `NginxProxy` refuses such a registry.
   *
   * @default "/"
   */
  readonly pathPrefix?: string;

  /**
   * Whether HTTP/2 is offered where the registry serves TLS itself.
   *
   * @default true
   */
  readonly http2Enabled?: boolean;
}

export function bindHttp(where: IConstruct, props: RegistryHttpProps): RegistryBinding {
  requireHttpUrl(where, "publicUrl", props.publicUrl);
  const prefix = props.pathPrefix;
  if (isKnown(prefix) && !/^\/(.*\/)?$/.test(prefix as string)) {
    throw invalidInput({
      where,
      field: "pathPrefix",
      got: prefix,
      expected: "a path that begins and ends with a slash",
      fix: 'write it like "/team/"',
    });
  }
  return {
    config: {
      http: {
        headers: { ...(props.headers ?? { "X-Content-Type-Options": ["nosniff"] }) },
        ...(props.publicUrl ? { host: props.publicUrl } : {}),
        ...(props.relativeUrls === undefined ? {} : { relativeurls: props.relativeUrls }),
        ...(prefix ? { prefix } : {}),
        ...(props.http2Enabled === undefined ? {} : { http2: { disabled: !props.http2Enabled } }),
      },
    },
  };
}
