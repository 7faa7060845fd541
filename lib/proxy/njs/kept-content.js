// What immutable tags are, and what they need.
import policy from "policy.js";
import qs from "querystring";

/** Manifests that the registry is asked for at a time. */
const AT_ONCE = 8;

const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

function coversRepository(rule, repository) {
  return policy.some(rule.repositories, (pattern) => policy.covers(pattern, repository));
}

/** Whether a tag stays once it is there. Those of signatures are replaced by each further one. */
function isImmutable(rules, repository, tag) {
  return (
    !/^sha256-[0-9a-f]{64}([.].*)?$/.test(tag) &&
    policy.some(
      rules,
      (rule) => coversRepository(rule, repository) && policy.some(rule.tags, (pattern) => policy.covers(pattern, tag)),
    )
  );
}

/** What a repository holds, as its registry tells. */
function registryOf(r, repository) {
  const ask = (path, method, args) => {
    const address = `/_tags/registry/v2/${repository}/${path}`;
    return r.subrequest(address, { method, args: args || "" }).then((reply) => {
      if (reply.status !== 200 && reply.status !== 404) {
        throw new Error(`${address} gave ${reply.status}`);
      }
      return reply.status === 200 ? reply : undefined;
    });
  };
  const digestOf = (reply) => {
    const digest = reply.headersOut["Docker-Content-Digest"];
    if (!digest) {
      // Not to be taken for a tag that is not there.
      throw new Error(`${repository} has a manifest without a digest`);
    }
    return digest;
  };
  const tagsAfter = (last) =>
    ask("tags/list", "GET", last && qs.stringify({ last })).then((reply) => {
      const found = (reply && JSON.parse(reply.responseText).tags) || [];
      return reply && reply.headersOut.Link !== undefined && found.length > 0
        ? tagsAfter(found[found.length - 1]).then((others) => found.concat(others))
        : found;
    });
  return {
    // The digest of a tag, or nothing where there is no such tag.
    head: (tag) => ask(`manifests/${tag}`, "HEAD").then((reply) => reply && digestOf(reply)),
    manifest: (reference) =>
      ask(`manifests/${reference}`, "GET").then(
        (reply) => reply && { digest: digestOf(reply), content: JSON.parse(reply.responseText) },
      ),
    tags: () => tagsAfter(""),
  };
}

/** The first tag that stays and needs a manifest or a blob; nothing where none does. */
function whoNeeds(registry, rules, asked) {
  return registry.tags().then((all) => {
    const tags = all.filter((tag) => isImmutable(rules, asked.repository, tag));
    return firstOf(registry, asked, {
      left: tags.map((tag) => ({ tag, reference: tag })),
      seen: {},
    });
  });
}

/** From the tags' manifests to what they name, some at a time. */
function firstOf(registry, asked, search) {
  const some = search.left.splice(0, AT_ONCE);
  if (some.length === 0) {
    return Promise.resolve(undefined);
  }
  return Promise.all(some.map((one) => registry.manifest(one.reference))).then((manifests) => {
    const i = manifests.findIndex((manifest) => manifest !== undefined && names(manifest, asked.reference));
    if (i >= 0) {
      return some[i].tag;
    }
    manifests.forEach((manifest, at) => {
      const children = manifest ? manifest.content.manifests || [] : [];
      children
        // A manifest below an index names blobs; only an index names further manifests.
        .filter((child) => asked.part === "blobs" || INDEXES.includes(child.mediaType))
        .filter((child) => !search.seen[child.digest])
        .forEach((child) => {
          search.seen[child.digest] = true;
          search.left.push({ tag: some[at].tag, reference: child.digest });
        });
    });
    return firstOf(registry, asked, search);
  });
}

function names(manifest, wanted) {
  const content = manifest.content;
  const parts = [content.config].concat(content.layers || [], content.manifests || [], content.fsLayers || []);
  return (
    manifest.digest === wanted || parts.some((part) => part && (part.digest === wanted || part.blobSum === wanted))
  );
}

export default { coversRepository, isImmutable, registryOf, whoNeeds };
