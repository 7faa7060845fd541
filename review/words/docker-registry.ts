import { isRecord } from "../model/attributes";
import type { Action, Finding } from "../model/change";
import type { Resource } from "../model/resources";
import { mountedAt, portsOf, type Role, reach, roleOf } from "./containers";
import { expiryFindings } from "./expiries";
import { immutableTagsFindings } from "./immutable-tags";
import { IMPACT } from "./impact";
import { MAINTAIN, maintenanceFindings } from "./maintenance";
import { nginxFindings } from "./nginx-settings";
import { quotaFindings } from "./quotas";
import { handsOver, registryFindings } from "./registry-settings";
import { rightsFindings } from "./rights";
import { userFindings } from "./users";
import type { Context, Group, ShownText, Words } from "./words";

/** Where the registry keeps its images. */
const DATA_FOLDER = "/var/lib/registry";
const STAGED = "/staged/";

const parent = (path: string): string => path.split("/").slice(0, -1).join("/");
const last = (path: string): string => path.split("/").at(-1) ?? "";
const quiet = (text: string): Finding => ({ severity: "quiet", text });
const notice = (text: string): Finding => ({ severity: "notice", text });
/** What clients notice while the deploy runs. */
const interruption = (text: string): Finding => ({ severity: "notice", text, passes: true });
const danger = (text: string, fix?: string): Finding => ({ severity: "danger", text, fix });

/** What is known of the resources of this library. */
export const registryWords: Words = { groupOf, actionOf, textsOf, hiddenArguments, findings };

function groupOf(resource: Resource, context: Context): string | undefined {
  const { path, type } = resource;
  const above = parent(path);
  const has = (id: string, kind: string) =>
    context.resources.some((one) => one.path === `${above}/${id}` && one.type === kind);
  switch (type) {
    case "docker_container":
      return last(path) === "Writer" && has("Review", "terraform_data") ? above : undefined;
    case "terraform_data":
      return (last(path) === "Review" && has("Writer", "docker_container")) || isPartOfUser(path) ? above : undefined;
    case "random_password":
      return isPartOfUser(path) ? above : undefined;
    case "docker_image":
      return context.resources.some((one) => one.type === "docker_container" && one.path === above) ? above : undefined;
    case "tls_private_key":
    case "tls_cert_request":
      return above;
    case "local_file":
      return path.includes("ClientTrust")
        ? path.slice(0, path.indexOf("ClientTrust") + "ClientTrust".length)
        : undefined;
    default:
      return undefined;
  }
}

const isPartOfUser = (path: string): boolean => /(^|\/)Users?\/[^/]+\/(Password|Salt|Digest|Hash)$/.test(path);

/** New files are a change of a configuration, though its writer is made anew for it. */
function actionOf({ members }: Group): Action | undefined {
  const isConfiguration = members.some((member) => last(member.path) === "Review" || last(member.path) === "Writer");
  const actions = new Set(members.map(({ action }) => action));
  if (isConfiguration && actions.size === 1 && actions.has("replace")) {
    return "update";
  }
  return undefined;
}

function textsOf(resource: Resource): readonly ShownText[] {
  if (resource.type === "terraform_data" && last(resource.path) === "Review") {
    return reviewTexts(resource);
  }
  if (resource.type === "docker_container" && last(resource.path) === "Writer") {
    return uploadedFiles(resource);
  }
  return [];
}

function reviewTexts({ before, after }: Resource): ShownText[] {
  const [old, next] = [filesOf(before), filesOf(after)];
  return names(old, next).map((name) => ({ name, before: old[name] ?? "", after: next[name] ?? "" }));
}

const filesOf = (values: Resource["before"]): Record<string, string> => {
  const files = values?.triggers_replace ?? values?.input;
  const texts = isRecord(files) ? Object.entries(files) : [];
  return Object.fromEntries(texts.map(([name, text]) => [name, Array.isArray(text) ? text.join("\n") : String(text)]));
};

/** Those that are other ones, by name only: what is in them is told by the review, if anybody may read it. */
function uploadedFiles({ before, after }: Resource): ShownText[] {
  const [old, next] = [uploads(before), uploads(after)];
  return names(old, next)
    .filter((name) => old[name] !== next[name])
    .map((name) => ({ name }));
}

function uploads(values: Resource["before"]): Record<string, string> {
  const files = Array.isArray(values?.upload) ? values.upload.filter(isRecord) : [];
  return Object.fromEntries(
    files.map(({ file, content }) => [String(file).replace(STAGED, ""), String(content ?? "(known after the deploy)")]),
  );
}

const names = (...files: Record<string, string>[]): string[] => [...new Set(files.flatMap(Object.keys))].sort();

function hiddenArguments(resource: Resource): readonly string[] {
  if (resource.type === "local_file" && resource.path.includes("ClientTrust")) {
    return ["content", "filename"];
  }
  if (resource.type === "docker_container" && last(resource.path) === "Writer") {
    return ["upload", "command", "image"];
  }
  const isOurs = last(resource.path) === "Review" || isPartOfUser(resource.path);
  return resource.type === "terraform_data" && isOurs ? ["input", "triggers_replace", "output"] : [];
}

function findings(group: Group, context: Context): readonly Finding[] | undefined {
  const told = group.members.map((member) => findingsOf(member, group, context));
  return told.every((one) => one === undefined) ? undefined : unique(told.flatMap((one) => one ?? []));
}

function unique(all: readonly Finding[]): Finding[] {
  return all.filter((one, i) => all.findIndex(({ text }) => text === one.text) === i);
}

function findingsOf(resource: Resource, group: Group, context: Context): readonly Finding[] | undefined {
  switch (resource.type) {
    case "docker_volume":
      return volumeFindings(resource, context);
    case "docker_container":
      return roleOf(resource) === "writer"
        ? [...deletionFindings(resource), ...writerFindings(resource, group, context)]
        : containerFindings(resource, context);
    case "docker_network":
      return resource.action === "replace"
        ? [
            interruption(
              "The containers on this network are taken off it, and are made anew where they are of this environment.",
            ),
          ]
        : resource.action === "destroy"
          ? [notice("Containers of other environments on this network lose it.")]
          : [];
    case "docker_image":
      return imageFindings(resource);
    case "terraform_data":
      return last(resource.path) === "Review" ? reviewFindings(resource, context) : userFindingsOf(resource);
    case "random_password":
      return passwordFindings(resource);
    case "tls_private_key":
    case "tls_self_signed_cert":
    case "tls_locally_signed_cert":
    case "tls_cert_request":
      return tlsFindings(resource, context);
    case "local_file":
      return resource.path.includes("ClientTrust")
        ? [
            quiet(
              "The files for clients are written anew; machines that have them keep the old ones until somebody copies them.",
            ),
          ]
        : undefined;
    default:
      return undefined;
  }
}

function volumeFindings(resource: Resource, context: Context): Finding[] | undefined {
  const { action, before, forcedBy } = resource;
  if (action !== "destroy" && action !== "replace") {
    return action === "create" && isData(resource, context) ? [quiet("An empty volume for images.")] : [];
  }
  const name = String(before?.name ?? "");
  if (isData(resource, context)) {
    const way = action === "replace" ? "is removed and an empty one takes its place" : "is removed";
    const fix =
      action === "replace" && forcedBy.includes("name") ? `to keep them, write volumeName: "${name}"` : undefined;
    return [danger(`All images are lost: the volume ${name} ${way}.`, fix)];
  }
  const options = before?.driver_opts;
  if (isRecord(options) && options.type === "tmpfs") {
    return [quiet("It holds a socket only.")];
  }
  if (context.resources.some(({ path }) => path === `${resource.path}/Writer`)) {
    return [quiet("It holds configuration only, which is written anew.")];
  }
  return [danger(`What is in the volume ${name} is lost.`)];
}

/** Whether it holds images: some container mounts it where a registry keeps them. */
function isData({ path, before, after }: Resource, { resources }: Context): boolean {
  const own = [before?.name, after?.name].filter((name) => name !== undefined);
  const address = (values: Resource["before"]) => mountedAt(values, DATA_FOLDER);
  const mounted = resources
    .filter(({ type }) => type === "docker_container")
    .flatMap((one) => [...address(one.before), ...address(one.after)]);
  return last(path) === "Data" || own.some((name) => mounted.includes(String(name)));
}

function containerFindings(resource: Resource, context: Context): Finding[] | undefined {
  const { action } = resource;
  const role = roleOf(resource);
  if (role === "other") {
    return undefined;
  }
  const ports = portFindings(resource);
  switch (action) {
    case "create":
      return ports;
    case "update":
      return [...ports, quiet(`The container is changed while it runs. ${IMPACT.none}`)];
    case "destroy":
      return hasSuccessor(resource, role, context) ? [replaced(resource, role, context)] : [DESTROYED[role]];
    case "replace":
      return [...ports, replaced(resource, role, context)];
    default:
      return ports;
  }
}

function replaced(resource: Resource, role: Role, context: Context): Finding {
  if (role === "proxy" && losesNetwork(resource, context)) {
    return interruption(IMPACT.networkReplaced);
  }
  return role === "registry" && hasDirectPulls(context) ? interruption(IMPACT.pushesOnly) : REPLACED[role];
}

/** Whether a proxy here sends what is pulled without asking the registry. */
function hasDirectPulls({ resources }: Context): boolean {
  return resources.some(({ after }) => filesOf(after)["nginx.conf"]?.includes("/_direct/manifest"));
}

/** Whether another container takes over what it does, as when a construct gets another id. */
function hasSuccessor(resource: Resource, role: Role, { resources }: Context): boolean {
  return resources.some(
    (one) => one !== resource && one.type === "docker_container" && one.action === "create" && roleOf(one) === role,
  );
}

/** Whether its network is made anew too, which takes the longer part of the time. */
function losesNetwork({ path }: Resource, { resources }: Context): boolean {
  return resources.some(
    (one) => one.type === "docker_network" && one.action === "replace" && one.path.startsWith(`${path}/`),
  );
}

const REPLACED = {
  proxy: interruption(IMPACT.proxyReplaced),
  registry: interruption(IMPACT.registryReplaced),
  redis: interruption(IMPACT.redisReplaced),
  metrics: quiet("Prometheus misses a scrape or two; registry and clients are not touched."),
  writer: quiet(IMPACT.none),
  other: notice("It is made anew."),
} as const;

const DESTROYED = {
  proxy: danger("The registry can be reached no more: the container that publishes its port is removed."),
  registry: danger("The registry is gone: nobody can pull or push."),
  redis: quiet("There is no Redis any more; the registry answers without it."),
  metrics: notice("Prometheus gets no metrics any more."),
  writer: quiet(IMPACT.none),
  other: notice("It is removed."),
} as const;

function portFindings({ before, after, action }: Resource): Finding[] {
  const [old, next] = [portsOf(before), portsOf(after)];
  if (action === "create" && before === undefined) {
    return next.map(({ ip, external }) =>
      reach(ip) > 0
        ? notice(`It is published on ${ip}:${external}, where other machines reach it.`)
        : quiet(`It is published on ${ip}:${external}, for this machine only.`),
    );
  }
  const list = (ports: typeof old) => ports.map(({ ip, external }) => `${ip}:${external}`).join(", ") || "nothing";
  if (list(old) === list(next)) {
    return [];
  }
  const [was, is] = [old, next].map((ports) => Math.max(-1, ...ports.map(({ ip }) => reach(ip))));
  const found: Finding[] = [];
  if (is > was && is > 0) {
    found.push(danger(`Opened to other machines: published on ${list(next)} instead of ${list(old)}.`));
  } else if (is < was) {
    found.push(notice(`Closed to other machines that reached it: published on ${list(next)} instead of ${list(old)}.`));
  }
  const numbers = (ports: typeof old) => ports.map(({ external }) => external).join(", ");
  if (numbers(old) !== numbers(next) && old.length > 0) {
    found.push(
      notice(
        `Clients that use port ${numbers(old)} find nothing there: it moves to ${numbers(next) || "no port"}, and image names begin with another address.`,
      ),
    );
  }
  return found;
}

function writerFindings(resource: Resource, { texts }: Group, context: Context): Finding[] {
  if (resource.action !== "replace") {
    return [];
  }
  const reader = context.resources.find(
    ({ path, type }) => type === "docker_container" && path === readerOf(resource.path),
  );
  if (reader?.action === "replace" || reader?.action === "create") {
    return [quiet("The new container starts with these files.")];
  }
  if (texts.length === 0) {
    return [quiet(`The same files are written again, by a container that runs once and ends. ${IMPACT.none}`)];
  }
  const names = new Set(Object.keys(uploads(resource.after)));
  if (names.has("nginx.conf")) {
    return [quiet(`nginx loads the files while it runs. ${IMPACT.none}`)];
  }
  if (names.has("config.yml")) {
    const text = uploads(resource.after)["config.yml"] ?? "";
    return [
      handsOver(text)
        ? quiet(`The registry hands over to a process with the new settings. ${IMPACT.none}`)
        : interruption(`The registry starts again with the new settings. ${IMPACT.registryRestarted}`),
    ];
  }
  return [quiet(`Whoever reads the files takes them over while it runs. ${IMPACT.none}`)];
}

/** What deletes by itself is a program among the files; of its text only numbers and patterns are told. */
function deletionFindings({ action, before, after }: Resource): Finding[] {
  return action === "replace"
    ? maintenanceFindings(uploads(before)[MAINTAIN] ?? "", uploads(after)[MAINTAIN] ?? "")
    : [];
}

/** `Proxy/Config/Writer` is the proxy's. */
const readerOf = (path: string): string => parent(parent(path));

function reviewFindings({ before, after, action }: Resource, _context: Context): Finding[] {
  if (action === "create" || action === "destroy") {
    return [];
  }
  const [old, next] = [filesOf(before), filesOf(after)];
  const both = (name: string): [string, string] => [old[name] ?? "", next[name] ?? ""];
  return [
    ...userFindings(...both("nginx.conf")),
    ...nginxFindings(...both("nginx.conf")),
    ...rightsFindings(...both("rights.json")),
    ...immutableTagsFindings(...both("immutable-tags.json")),
    ...quotaFindings(...both("quotas.json")),
    ...expiryFindings(...both("expiries.json")),
    ...("config.yml" in old || "config.yml" in next ? registryFindings(...both("config.yml")) : []),
  ];
}

function imageFindings({ action, before, after }: Resource): Finding[] {
  return action === "replace" || action === "update"
    ? [quiet(`Image ${String(before?.name)} becomes ${String(after?.name)}.`)]
    : [];
}

const userIn = (path: string): string => last(parent(path));

function userFindingsOf(resource: Resource): Finding[] | undefined {
  const { path, action } = resource;
  if (!isPartOfUser(path)) {
    return undefined;
  }
  return action === "replace" || action === "update" ? [newPassword(path)] : [];
}

const newPassword = (path: string): Finding =>
  notice(`User ${userIn(path)} has another password: the old one ends when the deploy has ended.`);

function passwordFindings(resource: Resource): Finding[] | undefined {
  const { path, action } = resource;
  if (isPartOfUser(path)) {
    return action === "replace"
      ? [newPassword(path)]
      : action === "destroy" && last(path) === "Password"
        ? [notice(`The generated password of user ${userIn(path)} is forgotten.`)]
        : [];
  }
  if (last(path) === "HttpSecret") {
    return action === "replace" || action === "destroy"
      ? [notice("Uploads in progress fail and have to be begun again.")]
      : [];
  }
  return action === "replace" ? [quiet("A password between two containers is another one; no user knows it.")] : [];
}

function tlsFindings(resource: Resource, context: Context): Finding[] {
  const { path, type, action, forcedBy } = resource;
  const isAuthority = (one: Resource | undefined) =>
    one?.type === "tls_self_signed_cert" && (one.after ?? one.before)?.is_ca_certificate === true;
  const authority =
    type === "tls_private_key"
      ? context.resources.find((one) => one.path === parent(path) && isAuthority(one))
      : isAuthority(resource)
        ? resource
        : undefined;
  const newAuthority = context.resources.some(
    (one) =>
      one.type === "tls_private_key" &&
      authority !== undefined &&
      one.path === `${authority.path}/PrivateKey` &&
      (one.action === "replace" || one.action === "destroy"),
  );
  if (action === undefined || action === "create") {
    return [];
  }
  if (authority !== undefined && (newAuthority || action === "destroy")) {
    return [
      danger(
        "Every client must trust a new CA: the old one is gone with its key, and clients that know only that one fail at once.",
      ),
    ];
  }
  if (authority !== undefined) {
    return [
      notice(
        "The CA's certificate is renewed and keeps its key: what it issued stays valid, and clients need the new one before the old one ends.",
      ),
    ];
  }
  if (type === "tls_locally_signed_cert" && action === "replace") {
    if (forcedBy.includes("ca_private_key_pem")) {
      return [quiet("The server's certificate is issued anew, by the new CA.")];
    }
    const why = forcedBy.includes("ready_for_renewal") ? "is renewed, as it ends soon" : "is issued anew";
    return [quiet(`The server's certificate ${why}; who trusts the CA notices nothing.`)];
  }
  if (type === "tls_private_key" && action === "replace") {
    return [notice("The server gets another key; only clients that know the old one by heart notice it.")];
  }
  return [];
}
