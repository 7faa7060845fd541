import { isIP, isIPv6 } from "node:net";
import { Annotations, Token } from "cdktf";
import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown, requireOneOf, requirePort, requireWholeNumber } from "../core/validation";
import type { IRegistryUsers } from "../registry/registry-part";
import { requireHostCovered } from "../tls/certificate";
import { coversHost } from "../tls/subject-alternative-names";
import { TlsProfile } from "./conf/tls";
import type { NginxProxyProps } from "./nginx-proxy-props";

/** Refuses props of a proxy that are wrong by themselves or do not go together, and warns of what is legal but risky. */
export function requireSoundProps(proxy: Construct, props: NginxProxyProps): void {
  requireLimits(proxy, props);
  requireCertificate(proxy, props);
  requireNothingOfTls(proxy, props);
  requireOtherHostNames(proxy, props);
  requireTrustedProxies(proxy, props);
  requireKeyExchangeGroups(proxy, props);
  requireAnotherPort(proxy, props);
  requireOneAuth(proxy, props);
  requireNoPathPrefix(proxy, props);
  requireBlobs(proxy, props);
}

function requireLimits(scope: Construct, props: NginxProxyProps): void {
  const seconds = { min: 1, max: 24 * 3600, example: 900 };
  requireWholeNumber(scope, "bodyLimitMiB", props.bodyLimitMiB, { min: 0, max: 1024 * 1024, example: 0 });
  requireWholeNumber(scope, "headerTimeoutSeconds", props.headerTimeoutSeconds, { ...seconds, example: 60 });
  requireWholeNumber(scope, "bodyTimeoutSeconds", props.bodyTimeoutSeconds, seconds);
  requireWholeNumber(scope, "upstreamTimeoutSeconds", props.upstreamTimeoutSeconds, seconds);
  requireWholeNumber(scope, "keepaliveTimeoutSeconds", props.keepaliveTimeoutSeconds, { ...seconds, example: 65 });
  requireWholeNumber(scope, "hstsSeconds", props.hstsSeconds, { min: 0, max: 63072000, example: 31536000 });
  requirePort(scope, "httpRedirectPort", props.httpRedirectPort);
  requireOneOf(scope, "tlsProfile", props.tlsProfile, Object.values(TlsProfile));
  const connections = { min: 64, max: 65535, example: 4096 };
  requireWholeNumber(scope, "workerConnections", props.workerConnections, connections);
  requireWholeNumber(scope, "connectionsPerAddress", props.connectionsPerAddress, { ...connections, min: 1 });
  requireWholeNumber(scope, "connectionsPerLogin", props.connectionsPerLogin, { ...connections, min: 1 });
}

function requireCertificate(scope: Construct, { endpoint, certificate }: NginxProxyProps): void {
  if (endpoint.scheme === "https" && certificate === undefined) {
    throw invalidInput({
      where: scope,
      field: "certificate",
      got: certificate,
      expected: `a certificate for ${endpoint.url}`,
      fix: `issue one with new SelfSignedCA(…).issueCertificate("Server", { … "${endpoint.host}" … }), take your own with Certificate.fromPem(…), or use PublicEndpoint.http`,
    });
  }
  if (endpoint.scheme === "https" && certificate) {
    requireHostCovered(scope, endpoint.host, certificate);
  }
}

function requireNothingOfTls(scope: Construct, props: NginxProxyProps): void {
  const { endpoint } = props;
  const field = (["certificate", "httpRedirectPort", "hstsSeconds", "tlsProfile", "keyExchangeGroups"] as const).find(
    (name) => props[name] !== undefined,
  );
  if (endpoint.scheme === "http" && field) {
    throw invalidInput({
      where: scope,
      field,
      got: field === "certificate" ? "a certificate" : props[field],
      expected: `nothing, because the endpoint ${endpoint.url} is plain HTTP`,
      fix: `use PublicEndpoint.https, or leave ${field} out`,
    });
  }
}

function requireOtherHostNames(scope: Construct, { otherHostNames }: NginxProxyProps): void {
  const wrong = otherHostNames?.find(
    (name) => isKnown(name) && !isIP(name) && !/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(name),
  );
  if (wrong !== undefined) {
    throw invalidInput({
      where: scope,
      field: "otherHostNames",
      got: wrong,
      expected: "host names without scheme and port, with * for the first label at most, or addresses",
      fix: 'write names such as "registry.example.com" or "*.example.com"',
    });
  }
}

function requireTrustedProxies(scope: Construct, { trustedProxies }: NginxProxyProps): void {
  const wrong = trustedProxies?.find((address) => isKnown(address) && !isNetwork(address));
  if (wrong !== undefined) {
    throw invalidInput({
      where: scope,
      field: "trustedProxies",
      got: wrong,
      expected: "addresses and networks that are not everybody's",
      fix: 'write the balancers\' addresses, such as "10.0.0.1" or "10.1.0.0/16"',
    });
  }
}

/** An address, or one with the length of its network's prefix, which is not that of all addresses. */
function isNetwork(text: string): boolean {
  const [, address, prefix] = /^([^/]+)(?:\/([1-9]\d{0,2}))?$/.exec(text) ?? [];
  const version = isIP(address ?? "");
  return version > 0 && Number(prefix ?? 1) <= (version === 4 ? 32 : 128);
}

/** As a Host header has them. */
export function clientNames({ endpoint, otherHostNames }: NginxProxyProps): string[] {
  const names = [endpoint.host, ...(otherHostNames ?? [])];
  return [...new Set(names.map((name) => (isIPv6(name) ? `[${name}]` : name).toLowerCase()))];
}

/** Names to which a token's realm would send clients, and where TLS would then fail. */
export function namesWithoutCertificate(scope: Construct, props: NginxProxyProps, users?: IRegistryUsers): string[] {
  const names = props.certificate?.subjectAlternativeNames;
  if (!users?.rights?.tokenKey || names === undefined || names.some((name) => Token.isUnresolved(name))) {
    return [];
  }
  const foreign = (props.otherHostNames ?? []).filter((name) => isKnown(name) && !coversHost(names, name));
  return foreign.map(
    (name) =>
      `${scope.node.path}: otherHostNames has "${name}", which the certificate is not for (${names.join(", ")}): tokens could not be fetched there. Fix: issue the certificate for "${name}" too, or leave the name out`,
  );
}

function requireKeyExchangeGroups(scope: Construct, { keyExchangeGroups: groups }: NginxProxyProps): void {
  if (groups && (groups.length === 0 || groups.some((group) => isKnown(group) && !/^[\w.-]+$/.test(group)))) {
    throw invalidInput({
      where: scope,
      field: "keyExchangeGroups",
      got: groups,
      expected: "one group or more, each as OpenSSL names it",
      fix: 'write a list such as ["X25519", "prime256v1"], or leave it out',
    });
  }
}

function requireAnotherPort(scope: Construct, { endpoint, httpRedirectPort }: NginxProxyProps): void {
  if (httpRedirectPort === endpoint.publishPort) {
    throw invalidInput({
      where: scope,
      field: "httpRedirectPort",
      got: httpRedirectPort,
      expected: "another port than the endpoint's own",
      fix: "choose a free port such as 80, or leave it out",
    });
  }
}

function requireOneAuth(scope: Construct, { auth, endpoint, registry }: NginxProxyProps): void {
  if (auth && registry.users) {
    throw invalidInput({
      where: scope,
      field: "auth",
      got: "users of the proxy",
      expected: `no users, because the registry ${registry.node.path} checks its own`,
      fix: "bind the users to the proxy or to the registry, not to both",
    });
  }
  if (endpoint.scheme === "http" && (auth || registry.users)) {
    Annotations.of(scope).addWarning(
      `passwords go in clear over ${endpoint.url}: everybody on the way can read them. Use PublicEndpoint.https, or keep to a machine or network of your own`,
    );
  }
}

function requireNoPathPrefix(scope: Construct, { registry }: NginxProxyProps): void {
  if (registry.pathPrefix !== undefined) {
    throw invalidInput({
      where: scope,
      field: `pathPrefix of ${registry.node.path}`,
      got: registry.pathPrefix,
      expected: "none, because clients ask for /v2/ and no other path, and nginx would find nothing there",
      fix: "leave pathPrefix out; registries on one host differ by their ports",
    });
  }
}

function requireBlobs(scope: Construct, { acceleratedPulls, directPulls, registry: { blobs } }: NginxProxyProps): void {
  if (directPulls && (acceleratedPulls === false || !blobs)) {
    throw invalidInput({
      where: scope,
      field: "directPulls",
      got: true,
      expected: blobs
        ? "false where acceleratedPulls is, because nginx then has none of the registry's files"
        : "false for a registry whose storage keeps no files in a volume of the engine's machine",
      fix: blobs ? "leave acceleratedPulls out" : "leave it out, or use RegistryStorage.filesystem()",
    });
  }
  if (acceleratedPulls === false) {
    // Late: the other proxy may be made after this one.
    scope.node.addValidation({
      validate: () =>
        blobs?.sentByProxy
          ? [
              "acceleratedPulls is false, but another proxy of this registry has it: the registry's redirects would reach clients. " +
                "Fix: set acceleratedPulls to the same value in both",
            ]
          : [],
    });
  } else if (!blobs && acceleratedPulls) {
    throw invalidInput({
      where: scope,
      field: "acceleratedPulls",
      got: true,
      expected: "false for a registry whose storage keeps no blobs in a volume of the engine's machine",
      fix: "leave it out, or use RegistryStorage.filesystem()",
    });
  } else if (!blobs) {
    Annotations.of(scope).addInfo(
      "pulls are not accelerated: the registry's storage keeps no blobs in a volume that the proxy could send them from",
    );
  }
}
