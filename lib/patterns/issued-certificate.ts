import { isIP } from "node:net";
import type { PublicEndpoint } from "../core/public-endpoint";
import type { ICertificate } from "../tls/certificate";
import type { SelfSignedCA } from "../tls/self-signed-ca";

/** The certificate of an endpoint and of its other names, some of which may be addresses. */
export function issueServerCertificate(ca: SelfSignedCA, endpoint: PublicEndpoint, names: string[] = []): ICertificate {
  return ca.issueCertificate("Server", {
    endpoint,
    dnsNames: names.filter((name) => !isIP(name)),
    ipAddresses: names.filter((name) => isIP(name)),
  });
}
