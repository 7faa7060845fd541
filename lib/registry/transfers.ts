import { httpText } from "../docker/config-follower";
import { CONFIG_FOLDER, EXECUTABLES } from "../docker/config-volume";

/** Whether a registry's requests are counted, as its files do not tell what it is at: its data are in a bucket. */
export function countsRequests({ storage }: { readonly [key: string]: any }): boolean {
  return storage?.s3 !== undefined;
}

/** A script that ends with 0 while a request is in flight of the handlers that it is given: `blob|manifest`. */
export const IN_FLIGHT = `${EXECUTABLES}/in-flight`;

/** @param address of the debug server, with its metrics; a shell word */
export function inFlightScript(address: string, path = "/metrics"): string {
  return `#!/bin/sh
# Whether a request of these handlers is in flight, by the registry's own count.
{ ${httpText(`http://${address}${path}`)}; } 2>/dev/null | grep -Eq '_in_flight_requests[{]handler="('"$1"')"[}] [1-9]'
`;
}

/**
 * Shell command that tells whether the registry's process is at something that must not be cut.
 *
 * @param isSideBySide whether another process can be there before it ends, so that pulls need not be waited for
 */
export function isTransferring(config: { readonly [key: string]: any }, isSideBySide: boolean): string {
  if (countsRequests(config)) {
    const uploads = "blob_upload|blob_upload_chunk";
    return `sh ${CONFIG_FOLDER}/current/${IN_FLIGHT} '${isSideBySide ? uploads : `${uploads}|blob|manifest`}'`;
  }
  return `stat -c %N "/proc/$registry/fd/"* 2>/dev/null | grep -q '${isSideBySide ? "/_uploads/" : "/docker/registry/"}'`;
}
