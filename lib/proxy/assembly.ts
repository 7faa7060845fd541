import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import { terraformText } from "../core/terraform-text";
import type { ConfigFile } from "../docker/config-volume";
import type { BlobFiles } from "../registry/blobs";
import { pushersOfPullOnly } from "../registry/pull-only";
import { DISK_FULL, DISK_LOW, type RegistryStatus, WINDOW } from "../registry/status";
import type { CertificateFollower } from "../tls/certificate-follower";
import { AccessLog } from "./access-log";
import { directScripts } from "./conf/direct-pulls";
import { knownHosts } from "./conf/host-names";
import { type NginxConfig, renderNginxConfig } from "./conf/nginx-conf";
import { oldClients } from "./conf/old-clients";
import { nginxUpstream, UPSTREAM_CA } from "./conf/upstream";
import { directPullsOf } from "./direct-pulls";
import { guardOfTags } from "./immutable-tags";
import { loginBinding } from "./login";
import { namesWithoutCertificate } from "./nginx-proxy-checks";
import type { NginxProxyProps } from "./nginx-proxy-props";
import type { ProxyBinding, ProxyContext } from "./proxy-part";
import { quotasBinding } from "./quotas";
import { everySecond } from "./runner";
import { scriptBeside } from "./scripts";
import { tlsBinding } from "./tls-binding";

// Ports above 1024: nginx runs without privileges.
export const HTTP_PORT = 8080;
export const HTTPS_PORT = 8443;

const DEFAULT_UPSTREAM_TIMEOUT = 900;

/** What was made for the proxy before it is put together. */
export interface ProxyOwnParts {
  /** Where somebody else renews the certificate. */
  readonly follower?: CertificateFollower;
  /** Where it tells its figures. */
  readonly figures?: ProxyBinding;
  /** What only this kind of proxy has. */
  readonly more?: ProxyBinding[];
  /** Exists while nobody may write, where it is not the registry's status that says so. */
  readonly windowFile?: string;
}

/** Everything that a proxy is, before a container or a service is made of it. */
export interface ProxyAssembly {
  readonly parts: ProxyBinding[];
  /** Text of nginx.conf, known late. */
  readonly nginxConf: string;
  /** The files beside it, asked for at synth. */
  readonly files: () => ConfigFile[];
  /** Blobs that nginx sends by itself. */
  readonly blobs?: BlobFiles;
}

/** Binds what the props name and renders it; the props must be sound by then. */
export function assembleProxy(
  proxy: Construct,
  props: NginxProxyProps,
  context: ProxyContext,
  own: ProxyOwnParts,
): ProxyAssembly {
  const { endpoint } = props;
  const { upstream, status } = props.registry;
  const bound = [...(props.auth ? [props.auth] : []), ...(props.parts ?? [])].map((part) =>
    part.bindToProxy(proxy, context),
  );
  const parts: ProxyBinding[] = [
    (props.accessLog ?? AccessLog.toLogDriver()).bindToProxy(proxy, context),
    ...(props.auditLog ? [props.auditLog.bindToProxy(proxy, context)] : []),
    ...tlsBinding(props, own.follower, `${HTTP_PORT}`),
    ...(upstream.caCertificatePem
      ? [{ nginx: {}, files: [{ path: UPSTREAM_CA, content: upstream.caCertificatePem }] }]
      : []),
    ...(endpoint.scheme === "http" ? [{ nginx: knownHosts([endpoint.host, ...(props.otherHostNames ?? [])]) }] : []),
    ...(props.refuseOldClients ? [{ nginx: oldClients() }] : []),
    ...bound,
    ...(own.figures ? [own.figures] : []),
    ...(props.registry.users ? [loginBinding(props.registry.users, context, true)] : []),
    ...(own.more ?? []),
  ];
  const tags = props.registry.immutableTags;
  if (tags) {
    tags.guardByProxy(proxy.node.path);
    parts.push(guardOfTags(tags.rules, props.upstreamTimeoutSeconds ?? DEFAULT_UPSTREAM_TIMEOUT));
  }
  const { quotas } = props.registry;
  const blobs = props.acceleratedPulls === false ? undefined : props.registry.blobs?.sendByProxy();
  if (quotas) {
    quotas.guardByProxy(proxy.node.path);
    parts.push(quotasBinding(quotas, blobs !== undefined));
  }
  const { users } = bound.find((part) => part.users) ?? {};
  proxy.node.addValidation({ validate: () => pushersOfPullOnly(props.registry, users) });
  proxy.node.addValidation({ validate: () => namesWithoutCertificate(proxy, props, users) });
  const hasFacts = bound.some(({ nginx }) => nginx.repositoryFacts);
  const direct = blobs && directPullsOf(proxy, props, blobs, hasFacts);
  const workerConnections = props.workerConnections ?? 4096;
  const render = () =>
    renderNginxConfig({
      listen: props.certificate ? `${HTTPS_PORT} ssl` : `${HTTP_PORT}`,
      host: endpoint.host,
      url: endpoint.url,
      scheme: endpoint.scheme,
      upstream: nginxUpstream(upstream),
      workerConnections,
      connectionsPerAddress: props.connectionsPerAddress ?? Math.ceil(workerConnections / 4),
      connectionsPerLogin: props.connectionsPerLogin ?? (props.auth && Math.ceil(workerConnections / 2)),
      trustedProxies: props.trustedProxies,
      bodyLimitMiB: props.bodyLimitMiB ?? 0,
      headerTimeoutSeconds: props.headerTimeoutSeconds ?? 60,
      bodyTimeoutSeconds: props.bodyTimeoutSeconds ?? 300,
      upstreamTimeoutSeconds: props.upstreamTimeoutSeconds ?? DEFAULT_UPSTREAM_TIMEOUT,
      keepaliveTimeoutSeconds: props.keepaliveTimeoutSeconds ?? 65,
      fragments: parts.map((part) => part.nginx),
      blobs,
      directPulls: direct,
      windowFile: own.windowFile,
      ...(status ? statusFiles(status) : {}),
      hasImmutableTags: tags !== undefined,
      quotasOfData: quotas?.data.containerPath,
      extraServerDirectives: props.extraServerDirectives ?? [],
    });
  return {
    parts,
    blobs,
    // Late, so that what is said of the parts after this line still counts.
    nginxConf: Lazy.stringValue({ produce: () => terraformText(render()) }),
    files: () =>
      eachOnce([
        ...parts.flatMap((part) => part.files ?? []),
        ...everySecond(parts.flatMap((part) => part.everySecond ?? [])),
        ...(direct ? directScripts(direct).map(scriptBeside) : []),
      ]),
  };
}

/** Scripts that several parts need are the same for all of them. */
function eachOnce(files: ConfigFile[]): ConfigFile[] {
  return files.filter(
    ({ path, content }, i) => !files.slice(0, i).some((other) => other.path === path && other.content === content),
  );
}

/** The files by which a registry tells what it can do, as nginx.conf names them. */
function statusFiles({
  mount,
  hasWindows,
  hasDiskReserve,
}: RegistryStatus): Pick<NginxConfig, "windowFile" | "diskFiles"> {
  const file = (name: string) => `${mount.containerPath}/${name}`;
  return {
    windowFile: hasWindows === false ? undefined : file(WINDOW),
    diskFiles: hasDiskReserve ? { low: file(DISK_LOW), full: file(DISK_FULL) } : undefined,
  };
}
