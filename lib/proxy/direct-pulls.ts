import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import type { BlobFiles } from "../registry/blobs";
import type { NginxDirectPulls } from "./conf/direct-pulls";
import type { NginxProxyProps } from "./nginx-proxy-props";

/** How a proxy answers pulls without its registry; nothing where it has to ask, or where its user wants it to. */
export function directPullsOf(
  where: Construct,
  { directPulls, registry }: NginxProxyProps,
  { headerValues, tagsOfUpstream, whyAsked }: BlobFiles,
  wantsFacts: boolean,
): Pick<NginxDirectPulls, "registryHeaders" | "hasTags" | "hasFacts"> | undefined {
  if (directPulls && whyAsked !== undefined) {
    throw invalidInput({
      where,
      field: "directPulls",
      got: true,
      expected: `false, because the registry ${registry.node.path} has to be asked for each pull: ${whyAsked}`,
      fix: "leave directPulls out",
    });
  }
  return directPulls === false || whyAsked !== undefined
    ? undefined
    : { registryHeaders: headerValues, hasTags: !tagsOfUpstream, hasFacts: wantsFacts && !tagsOfUpstream };
}
