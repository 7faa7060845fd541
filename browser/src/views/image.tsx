import { useState } from "preact/hooks";
import { attachedBy, type Descriptor, imagesOf, type Manifest, sizeOf } from "../registry/manifests";
import type { Image as LoadedImage } from "../registry/store";
import { host, session, store } from "../state";
import { formatBytes, formatMediaType } from "../text/format";
import { addressOf, imageName, isDigest } from "../text/reference";
import { Attachments } from "./attachments";
import { DeleteDialog } from "./delete-dialog";
import { Icon } from "./icons";
import { ImageDetails, Pairs } from "./image-details";
import { useLoaded } from "./loaded";
import { Age, Copyable, Crumbs, Failure, Heading, Waiting } from "./parts";

/** What a tag or a digest stands for. */
export function Image({ repository, reference }: { repository: string; reference: string }) {
  const image = useLoaded((signal) => store.image(repository, reference, signal), [repository, reference]);
  const deletable = useLoaded(
    (signal) => store.canDelete(repository, session.isTheSameEverywhere, signal),
    [repository],
  );
  const [isDeleting, setDeleting] = useState(false);
  const name = imageName(repository, reference);
  const { value, error } = image;
  const toRepository = () => {
    location.hash = addressOf(repository);
  };
  return (
    <>
      <Crumbs repository={repository} reference={reference} />
      <div class="top">
        <Heading place={name}>
          <bdi class={isDigest(reference) ? "digest" : ""}>{name}</bdi>
        </Heading>
        {deletable.value && (value || error?.status !== 404) && (
          <button type="button" class="bad" onClick={() => setDeleting(true)}>
            <Icon name="trash" />
            Delete
          </button>
        )}
      </div>
      {error && <Failure error={error} what="The manifest cannot be read" again={image.again} />}
      {!value && !error && <Waiting what="Asking the registry…" />}
      {value && <Loaded repository={repository} reference={reference} image={value} key={value.digest} />}
      {isDeleting && (
        <DeleteDialog
          repository={repository}
          reference={reference}
          close={() => setDeleting(false)}
          done={toRepository}
        />
      )}
    </>
  );
}

function Loaded({ repository, reference, image }: { repository: string; reference: string; image: LoadedImage }) {
  const { manifest } = image;
  return (
    <>
      <section class="card" aria-label="Pull">
        {!isDigest(reference) && <Copyable text={pullLine(manifest, repository, reference)} label="pull line" />}
        <Copyable text={pullLine(manifest, repository, image.digest)} label="pull line with digest" />
      </section>
      <Overview repository={repository} reference={reference} image={image} />
      {manifest.kind === "index" ? (
        <Platforms repository={repository} manifests={manifest.manifests} />
      ) : (
        <ImageDetails repository={repository} image={image} />
      )}
      <Pairs title="Annotations" pairs={Object.entries(manifest.annotations)} />
      <Attachments repository={repository} image={image} />
      <details class="card">
        <summary>Manifest</summary>
        <pre>{indented(image.text)}</pre>
      </details>
    </>
  );
}

/** What fetches it: charts and other artifacts have clients of their own. */
function pullLine(manifest: Manifest, repository: string, reference: string): string {
  const name = `${host}/${imageName(repository, reference)}`;
  if (manifest.kind !== "artifact") {
    return `docker pull ${name}`;
  }
  const isChart = manifest.config.type.startsWith("application/vnd.cncf.helm.config");
  return isChart && !isDigest(reference)
    ? `helm pull oci://${host}/${repository} --version ${reference}`
    : `oras pull ${name}`;
}

function Overview({ repository, reference, image }: { repository: string; reference: string; image: LoadedImage }) {
  const { manifest, digest, type } = image;
  const summary = useLoaded((signal) => store.summary(repository, digest, signal), [repository, digest]);
  const facts = useLoaded(
    async (signal) => store.knownFacts(repository) ?? store.factsOf(repository, signal),
    [repository, digest],
  );
  const pushed = facts.value?.tags.find(({ name }) => name === reference)?.pushed;
  const { value } = summary;
  const kind = manifest.kind === "artifact" ? (manifest.artifactType ?? type) : type;
  return (
    <section class="card overview" aria-label="Overview">
      <dl>
        <div>
          <dt>Kind</dt>
          <dd title={kind}>{formatMediaType(kind)}</dd>
        </div>
        <div>
          <dt>{manifest.kind === "index" ? "Size of all" : "Size"}</dt>
          <dd>{formatBytes(value?.bytes ?? sizeOf(manifest) ?? 0)}</dd>
        </div>
        {value && value.platforms.length > 0 && (
          <div>
            <dt>{value.platforms.length > 1 ? "Platforms" : "Platform"}</dt>
            <dd>{value.platforms.join(", ")}</dd>
          </div>
        )}
        {value?.created !== undefined && (
          <div>
            <dt>Created</dt>
            <dd>
              <Age time={value.created} />
            </dd>
          </div>
        )}
        {pushed !== undefined && (
          <div>
            <dt>Pushed</dt>
            <dd>
              <Age time={pushed} />
            </dd>
          </div>
        )}
        <div class="wide">
          <dt>Digest</dt>
          <dd>
            <Copyable text={digest} label="digest" />
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** The images of an index; what is attached to them is shown with them. */
function Platforms({ repository, manifests }: { repository: string; manifests: readonly Descriptor[] }) {
  const images = imagesOf(manifests);
  const attestations = (digest: string) => manifests.filter((one) => attachedBy(one.annotations) === digest).length;
  return (
    <section class="card" aria-labelledby="platforms">
      <h2 id="platforms">Platforms</h2>
      <ul class="lines">
        {images.map((image) => (
          <li key={image.digest}>
            <a href={addressOf(repository, image.digest)}>{image.platform ?? formatMediaType(image.type)}</a>
            <code class="faint">{image.digest.slice(0, 19)}</code>
            {attestations(image.digest) > 0 && <span class="chip">attested</span>}
            <ChildSize repository={repository} digest={image.digest} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ChildSize({ repository, digest }: { repository: string; digest: string }) {
  const { value, error } = useLoaded((signal) => store.image(repository, digest, signal), [repository, digest]);
  if (error) {
    return (
      <span class="number bad-text" title={error.message}>
        not here
      </span>
    );
  }
  const bytes = value && sizeOf(value.manifest);
  return <span class="number">{bytes === undefined ? "" : formatBytes(bytes)}</span>;
}

function indented(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2);
}
