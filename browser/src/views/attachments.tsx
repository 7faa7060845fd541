import { attachedBy, descriptorOf, type imagesOf } from "../registry/manifests";
import type { Image } from "../registry/store";
import { client, store } from "../state";
import { formatMediaType } from "../text/format";
import { addressOf, attachedTo, attachmentKind } from "../text/reference";
import { useLoaded } from "./loaded";

interface Attachment {
  readonly reference: string;
  readonly kind: string;
}

/** Signatures, attestations and other artifacts of an image, where there are any. */
export function Attachments({ repository, image }: { repository: string; image: Image }) {
  const { value = [] } = useLoaded((signal) => attachmentsOf(repository, image, signal), [repository, image.digest]);
  if (value.length === 0) {
    return null;
  }
  return (
    <section class="card" aria-labelledby="attached">
      <h2 id="attached">Attached</h2>
      <ul class="lines">
        {value.map(({ reference, kind }) => (
          <li key={reference}>
            <a href={addressOf(repository, reference)}>{kind}</a>
            <code class="faint">{reference.slice(0, 19)}…</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** By the API for them, by the tags that stand in for it, by cosign's tags, and within an index. */
async function attachmentsOf(repository: string, image: Image, signal: AbortSignal): Promise<Attachment[]> {
  const { digest, manifest } = image;
  const { tags } = store.knownFacts(repository) ?? (await store.factsOf(repository, signal));
  const own = tags.map(({ name }) => name).filter((name) => attachedTo(name) === digest);
  const byTag = own.flatMap((tag) => {
    const kind = attachmentKind(tag);
    return kind ? [{ reference: tag, kind }] : [];
  });
  const fallback = own.find((tag) => !attachmentKind(tag));
  const answer = await client.referrers(repository, digest, signal).catch(() => undefined);
  const index =
    answer ?? (fallback && JSON.parse((await store.image(repository, fallback, signal)).text).manifests) ?? [];
  const descriptors = (Array.isArray(index) ? index : ((index as { manifests?: unknown[] }).manifests ?? [])).map(
    descriptorOf,
  );
  const referrers = descriptors.map(({ digest, artifactType, type }) => ({
    reference: digest,
    kind: formatMediaType(artifactType ?? type),
  }));
  const inIndex =
    manifest.kind === "index"
      ? manifest.manifests
          .filter((one) => attachedBy(one.annotations))
          .map((one) => ({ reference: one.digest, kind: attestationOf(manifest.manifests, one.annotations) }))
      : [];
  return [...byTag, ...referrers, ...inIndex];
}

function attestationOf(
  manifests: Parameters<typeof imagesOf>[0],
  annotations: Parameters<typeof attachedBy>[0],
): string {
  const platform = manifests.find(({ digest }) => digest === attachedBy(annotations))?.platform;
  return platform ? `Attestation of ${platform}` : "Attestation";
}
