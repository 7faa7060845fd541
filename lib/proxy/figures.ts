import type { Construct } from "constructs";
import { CONFIG_FOLDER } from "../docker/config-volume";
import { createVolume, socketVolume } from "../docker/owned-resources";
import type { IRegistry } from "../registry/registry";
import { FOLLOWED_CERTIFICATE } from "../tls/certificate-follower";
import { FIGURES_FOLDER, FIGURES_SCRIPTS, FIGURES_SOCKET, proxyFigures } from "./conf/figures";
import { SERVER_CERTIFICATE } from "./conf/tls";
import type { ProxyBinding } from "./proxy-part";
import { scriptBeside } from "./scripts";

/** What a proxy is and serves. */
export interface FiguresOf {
  readonly registry: IRegistry;
  readonly hostName: string;
  readonly hasCertificate: boolean;
  readonly followsCertificate: boolean;
}

/** Figures of a proxy, where its registry has an endpoint for metrics: it shows them there, by a socket. */
export function figuresBinding(scope: Construct, proxy: FiguresOf): ProxyBinding | undefined {
  const { metrics } = proxy.registry;
  if (metrics === undefined) {
    return undefined;
  }
  const volumeName = createVolume(scope, socketVolume("Figures", `${proxy.hostName}-figures`)).name;
  const name = proxy.hostName;
  metrics.addSource({
    name,
    volumeName,
    file: FIGURES_SOCKET,
    isSocket: true,
    otherwise: `# TYPE registry_nginx_up gauge\nregistry_nginx_up{proxy="${name}"} 0\n`,
  });
  const deployed = proxy.hasCertificate ? `${CONFIG_FOLDER}/current/${SERVER_CERTIFICATE}` : undefined;
  return {
    nginx: proxyFigures({ name, certificateFile: proxy.followsCertificate ? FOLLOWED_CERTIFICATE : deployed }),
    files: FIGURES_SCRIPTS.map(scriptBeside),
    mounts: [{ volumeName, containerPath: FIGURES_FOLDER }],
  };
}
