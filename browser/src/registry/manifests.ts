import { parseTime } from "../text/format";

/** What a manifest says of a blob or of another manifest. */
export interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly type: string;
  readonly artifactType?: string;
  readonly platform?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export type Manifest =
  | { readonly kind: "index"; readonly manifests: readonly Descriptor[]; readonly annotations: Annotations }
  | {
      readonly kind: "image" | "artifact";
      /** What it is, where it is no image: a media type. */
      readonly artifactType?: string;
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
      readonly annotations: Annotations;
    };

export type Annotations = Readonly<Record<string, string>>;

/** How a layer came to be. */
export interface Step {
  readonly command: string;
  readonly created?: number;
  /** Its layer; steps that only change the configuration have none. */
  readonly layer?: Descriptor;
}

/** What the configuration of an image says. */
export interface ImageConfig {
  readonly platform?: string;
  readonly created?: number;
  readonly author?: string;
  /** Pairs for people, such as `Entrypoint`. */
  readonly settings: readonly (readonly [string, string])[];
  readonly labels: Annotations;
  readonly steps: readonly Step[];
}

type Json = Readonly<Record<string, unknown>>;

/** @throws for what is no manifest of an image, an index or an artifact */
export function parseManifest(text: string): Manifest {
  const document = asObject(JSON.parse(text));
  if (document.schemaVersion !== 2) {
    throw new Error(`this is a manifest of schema ${String(document.schemaVersion)}, which is not shown here`);
  }
  const annotations = asTexts(document.annotations);
  if (Array.isArray(document.manifests)) {
    return { kind: "index", manifests: document.manifests.map(descriptorOf), annotations };
  }
  if (document.config === undefined) {
    throw new Error("this manifest has neither images nor a configuration");
  }
  const config = descriptorOf(document.config);
  const isImage = /^application\/vnd\.(oci\.image\.config|docker\.container\.image)\b/.test(config.type);
  const artifactType = document.artifactType ? String(document.artifactType) : isImage ? undefined : config.type;
  const layers = (Array.isArray(document.layers) ? document.layers : []).map(descriptorOf);
  return { kind: artifactType === undefined ? "image" : "artifact", artifactType, config, layers, annotations };
}

export function descriptorOf(value: unknown): Descriptor {
  const { digest, size, mediaType, artifactType, platform, annotations } = asObject(value);
  return {
    digest: String(digest),
    size: Number(size) || 0,
    type: String(mediaType ?? ""),
    artifactType: artifactType ? String(artifactType) : undefined,
    platform: platformOf(platform),
    annotations: asTexts(annotations),
  };
}

/** `linux/arm/v7`; nothing where there is none, as with the attestations of an index. */
export function platformOf(value: unknown): string | undefined {
  const { os, architecture, variant } = asObject(value);
  const isKnown = os && architecture && os !== "unknown" && architecture !== "unknown";
  return isKnown ? [os, architecture, variant].filter(Boolean).join("/") : undefined;
}

/** The images of an index, without what is attached to them. */
export function imagesOf(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  return descriptors.filter(({ annotations }) => !attachedBy(annotations));
}

/** The digest that a manifest of an index is an attestation of. */
export function attachedBy(annotations: Annotations): string | undefined {
  return annotations["vnd.docker.reference.type"] && annotations["vnd.docker.reference.digest"];
}

/** Bytes of what a pull of it fetches. */
export function sizeOf(manifest: Manifest): number | undefined {
  return manifest.kind === "index"
    ? undefined
    : manifest.layers.reduce((sum, { size }) => sum + size, manifest.config.size);
}

export function parseConfig(value: unknown, layers: readonly Descriptor[]): ImageConfig {
  const document = asObject(value);
  const config = asObject(document.config);
  const list = (entry: unknown) => (Array.isArray(entry) ? entry.map(String) : []);
  const keys = (entry: unknown) => Object.keys(asObject(entry)).join(", ");
  const settings: [string, string][] = [
    ["Entrypoint", list(config.Entrypoint).join(" ")],
    ["Command", list(config.Cmd).join(" ")],
    ["Working directory", String(config.WorkingDir ?? "")],
    ["User", String(config.User ?? "")],
    ["Ports", keys(config.ExposedPorts)],
    ["Volumes", keys(config.Volumes)],
    ["Environment", list(config.Env).join("\n")],
  ];
  return {
    platform: platformOf(document),
    created: parseTime(document.created),
    author: document.author ? String(document.author) : undefined,
    settings: settings.filter(([, text]) => text !== ""),
    labels: asTexts(config.Labels),
    steps: stepsOf(document.history, layers),
  };
}

/** History and layers side by side; without a history that fits, the layers alone. */
function stepsOf(history: unknown, layers: readonly Descriptor[]): Step[] {
  const entries = (Array.isArray(history) ? history : []).map(asObject);
  const withLayer = entries.filter(({ empty_layer }) => !empty_layer);
  if (withLayer.length !== layers.length) {
    return layers.map((layer) => ({ command: "", layer }));
  }
  let next = 0;
  return entries.map(({ created_by, comment, created, empty_layer }) => ({
    command: shownCommand(String(created_by ?? comment ?? "")),
    created: parseTime(created),
    layer: empty_layer ? undefined : layers[next++],
  }));
}

/** As it stood in the Dockerfile, without what the builder wrote around it. */
function shownCommand(command: string): string {
  return command
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, "")
    .replace(/^(RUN )?(\|\d+ .*?)?\/bin\/sh -c /, "RUN ")
    .replace(/ # buildkit$/, "")
    .replace(/\s+/g, " ");
}

function asObject(value: unknown): Json {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Json) : {};
}

function asTexts(value: unknown): Annotations {
  return Object.fromEntries(Object.entries(asObject(value)).map(([name, text]) => [name, String(text)]));
}
