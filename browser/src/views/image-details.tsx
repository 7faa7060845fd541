import type { Descriptor, ImageConfig, Step } from "../registry/manifests";
import type { Image } from "../registry/store";
import { store } from "../state";
import { formatBytes, formatMediaType, shortDigest } from "../text/format";
import { useLoaded } from "./loaded";
import { Failure, Waiting } from "./parts";

/** Layers with their history, and what the configuration says. */
export function ImageDetails({ repository, image }: { repository: string; image: Image }) {
  const config = useLoaded((signal) => store.config(repository, image, signal), [repository, image.digest]);
  const { manifest } = image;
  if (manifest.kind === "index") {
    return null;
  }
  if (manifest.kind === "artifact") {
    return <Files layers={manifest.layers} />;
  }
  return (
    <>
      {config.error && <Failure error={config.error} what="The configuration cannot be read" again={config.again} />}
      {!config.value && !config.error && <Waiting what="Reading the configuration…" />}
      {config.error && <Files layers={manifest.layers} />}
      {config.value && <Configured config={config.value} />}
    </>
  );
}

function Configured({ config }: { config: ImageConfig }) {
  return (
    <>
      <section class="card" aria-labelledby="layers">
        <h2 id="layers">Layers and history</h2>
        <ol class="lines steps">
          {config.steps.map((step, i) => (
            <StepLine step={step} key={`${i} ${step.layer?.digest}`} />
          ))}
        </ol>
      </section>
      <Pairs title="Configuration" pairs={config.settings} />
      <Pairs title="Labels" pairs={Object.entries(config.labels)} />
    </>
  );
}

function StepLine({ step: { command, layer } }: { step: Step }) {
  return (
    <li class={layer ? "" : "faint"}>
      <code class="command">{command || layer?.type}</code>
      <code class="faint">{layer && shortDigest(layer.digest)}</code>
      <span class="number">{layer ? formatBytes(layer.size) : ""}</span>
    </li>
  );
}

function Files({ layers }: { layers: readonly Descriptor[] }) {
  return (
    <section class="card" aria-labelledby="files">
      <h2 id="files">Content</h2>
      <ul class="lines steps">
        {layers.map(({ digest, size, type, annotations }, i) => (
          <li key={`${i} ${digest}`}>
            <code class="command">{annotations["org.opencontainers.image.title"] ?? formatMediaType(type)}</code>
            <code class="faint">{shortDigest(digest)}</code>
            <span class="number">{formatBytes(size)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Names with their values, where there are any. */
export function Pairs({ title, pairs }: { title: string; pairs: readonly (readonly [string, string])[] }) {
  if (pairs.length === 0) {
    return null;
  }
  const id = title.toLowerCase();
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <dl class="pairs">
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
