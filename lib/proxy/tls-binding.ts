import { knownCertificate } from "../tls/certificate";
import { type CertificateFollower, FOLLOWED_CERTIFICATE, FOLLOWED_KEY } from "../tls/certificate-follower";
import { keyExchangeFiles, nginxTls, SERVER_CERTIFICATE, SERVER_KEY, TlsProfile } from "./conf/tls";
import type { NginxProxyProps } from "./nginx-proxy-props";
import type { ProxyBinding } from "./proxy-part";

/** Where nginx finds certificate and key, and what has to be there for it. */
interface ServedCertificate extends Pick<ProxyBinding, "files" | "mounts"> {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/**
 * The part of a proxy that serves TLS.
 *
 * @param follower where the certificate is one that somebody else renews
 * @param redirectListen port of the redirect from plain HTTP
 */
export function tlsBinding(
  props: NginxProxyProps,
  follower: CertificateFollower | undefined,
  redirectListen: string,
): ProxyBinding[] {
  const served = follower ? followed(follower) : deployed(props);
  if (served === undefined) {
    return [];
  }
  const { certificateFile, keyFile, files, mounts } = served;
  return [
    {
      nginx: nginxTls({
        certificateFile,
        keyFile,
        modern: props.tlsProfile === TlsProfile.MODERN,
        keyExchangeGroups: props.keyExchangeGroups,
        hstsSeconds: props.hstsSeconds,
        redirect: props.httpRedirectPort ? { listen: redirectListen, url: props.endpoint.url } : undefined,
      }),
      files: [...(files ?? []), ...(props.keyExchangeGroups ? [] : keyExchangeFiles())],
      mounts,
    },
  ];
}

function deployed({ certificate }: NginxProxyProps): ServedCertificate | undefined {
  const known = knownCertificate(certificate);
  return (
    known && {
      certificateFile: SERVER_CERTIFICATE,
      keyFile: SERVER_KEY,
      files: [
        { path: SERVER_CERTIFICATE, content: known.certificateChainPem },
        { path: SERVER_KEY, content: known.privateKeyPem },
      ],
    }
  );
}

function followed(follower: CertificateFollower): ServedCertificate {
  return { certificateFile: FOLLOWED_CERTIFICATE, keyFile: FOLLOWED_KEY, mounts: [follower.mount] };
}
