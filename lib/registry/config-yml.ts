import { Fn, Token } from "cdktf";
import { Document, isMap, isPair, isScalar, visit } from "yaml";

/** A part of config.yml, nested as the registry documents it; parts of several constructs are merged. */
export type ConfigFragment = { readonly [key: string]: unknown };

/** Why a key is there, for whoever reads the file on the engine. */
const REASONS: { readonly [path: string]: string } = {
  "http.net": "A socket in a volume that only the proxy mounts: no way round the proxy, no name to resolve.",
  "http.secret": "The same on every replica and after every restart, or uploads in flight break.",
  "http.draintimeout": "Uploads in flight may finish when the process or its container is replaced.",
  "http.debug": "Health and, where they are wanted, metrics; it also shows these settings to whoever reaches it.",
  "middleware.storage": "To the proxy only, which takes it as the order to send the file: no client sees the redirect.",
  "storage.delete": "Manifests and blobs can be deleted by digest only where this is true.",
  "storage.maintenance.readonly": "Every upload and delete is answered with 405.",
  "storage.maintenance.uploadpurging": "Uploads that were begun and never finished.",
  "redis.maxretries": "One try: the storage answers sooner than the second.",
  "health.storagedriver": "Only looks whether the root answers; a full disk stays green.",
};

/**
 * The text of config.yml.
 *
 * @param fragments merged from the first to the last; the last word on a key wins
 * @param hidden values that are left out, for a text that everybody may read
 */
export function renderRegistryConfig(fragments: ConfigFragment[], hidden: string[] = []): string {
  const document = new Document({ version: 0.1, ...mergeRegistryConfig(fragments) });
  document.commentBefore = " Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.";
  visit(document, {
    Scalar(key, scalar) {
      if (hidden.some((secret) => String(scalar.value).includes(secret))) {
        scalar.value = "(sensitive)";
      } else if (key !== "key" && Token.isUnresolved(scalar.value)) {
        // Known at deploy time only, and then whatever it is: what JSON calls a string or a number, YAML does too.
        scalar.value = Fn.jsonencode(scalar.value);
      }
    },
    Pair(_, pair, path) {
      const keys = [...path, pair].filter(isPair).map((p) => (isScalar(p.key) ? String(p.key.value) : ""));
      const reason = REASONS[keys.join(".")];
      if (reason && isScalar(pair.key)) {
        pair.key.commentBefore = ` ${reason}`;
      }
      if (isMap(pair.value) && pair.value.items.length === 0) {
        pair.value.flow = true;
      }
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** The keys of all fragments; the last word on a key wins. */
export function mergeRegistryConfig(fragments: ConfigFragment[]): { readonly [key: string]: any } {
  return fragments.reduce(merge, {});
}

function merge(into: ConfigFragment, fragment: ConfigFragment): ConfigFragment {
  const merged: { [key: string]: unknown } = { ...into };
  for (const [key, value] of Object.entries(fragment)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is ConfigFragment {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
