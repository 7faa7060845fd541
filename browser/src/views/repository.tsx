import { useMemo, useState } from "preact/hooks";
import type { TagFact } from "../registry/client";
import { host, session, store } from "../state";
import { formatBytes, formatCount, formatMediaType, shortDigest } from "../text/format";
import { addressOf, attachedTo } from "../text/reference";
import { compareTags } from "../text/versions";
import { DeleteDialog } from "./delete-dialog";
import { Icon } from "./icons";
import { useLoaded } from "./loaded";
import { Age, Copyable, Crumbs, Failure, Heading, Nothing, Pending, Waiting } from "./parts";
import { VirtualTable } from "./virtual-table";

type Order = "version" | "pushed";

/** A repository with its tags. */
export function Repository({ repository }: { repository: string }) {
  const facts = useLoaded((signal) => store.factsOf(repository, signal), [repository]);
  const deletable = useLoaded(
    (signal) => store.canDelete(repository, session.isTheSameEverywhere, signal),
    [repository],
  );
  const [filter, setFilter] = useState("");
  const [order, setOrder] = useState<Order>("version");
  const [deleted, setDeleted] = useState<string>();
  const { value, error } = facts;
  const tags = value?.tags;
  const attached = tags?.filter(({ name }) => attachedTo(name)).length ?? 0;
  const shown = useMemo(() => sorted(tags ?? [], filter, order), [tags, filter, order]);
  return (
    <>
      <Crumbs repository={repository} />
      <div class="top">
        <div>
          <Heading place={repository}>
            <bdi>{repository}</bdi>
          </Heading>
          <p class="lead" role="status">
            {value
              ? [
                  formatCount(value.tags.length - attached, "tag"),
                  ...(attached > 0 ? [`${formatCount(attached, "attachment")}`] : []),
                  ...(value.isDetailed ? [formatBytes(value.bytes)] : []),
                ].join(" · ")
              : " "}
          </p>
        </div>
        <label class="search">
          <Icon name="search" />
          <span class="said">Search tags</span>
          <input
            type="search"
            placeholder="Search tags"
            autocomplete="off"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
        </label>
      </div>
      <Copyable text={`docker pull ${host}/${repository}`} label="pull line" />
      {error && <Failure error={error} what="The tags cannot be listed" again={facts.again} />}
      {!value && !error && <Waiting what="Asking the registry…" />}
      {value && shown.length === 0 && (
        <Nothing>{filter ? `No tag has “${filter}” in its name.` : "This repository has no tags."}</Nothing>
      )}
      {shown.length > 0 && (
        <VirtualTable
          label={`Tags of ${repository}`}
          kind="tags"
          columns={<Columns order={order} setOrder={setOrder} knowsPushes={value?.isDetailed === true} />}
          rows={shown}
          keyOf={({ name, digest }) => `${name} ${digest}`}
          heights={{ wide: 60, narrow: 84 }}
        >
          {(tag) => (
            <TagRow
              repository={repository}
              tag={tag}
              remove={deletable.value ? () => setDeleted(tag.name) : undefined}
            />
          )}
        </VirtualTable>
      )}
      {deleted && <DeleteDialog repository={repository} reference={deleted} close={() => setDeleted(undefined)} />}
    </>
  );
}

function sorted(tags: readonly TagFact[], filter: string, order: Order): TagFact[] {
  const found = tags.filter(
    ({ name }) => !attachedTo(name) && name.toLowerCase().includes(filter.toLowerCase().trim()),
  );
  return found.sort(
    (a, b) => (order === "pushed" ? (b.pushed ?? 0) - (a.pushed ?? 0) : 0) || compareTags(a.name, b.name),
  );
}

function Columns({
  order,
  setOrder,
  knowsPushes,
}: {
  order: Order;
  setOrder: (order: Order) => void;
  knowsPushes: boolean;
}) {
  const column = (title: string, by: Order) => (
    <span role="columnheader" class={by === "pushed" ? "number" : ""} aria-sort={order === by ? "descending" : "none"}>
      <button type="button" class="sort" onClick={() => setOrder(by)}>
        {title}
      </button>
    </span>
  );
  return (
    <>
      {column("Tag", "version")}
      <span role="columnheader">Platforms</span>
      <span role="columnheader" class="number">
        Size
      </span>
      {knowsPushes ? (
        column("Pushed", "pushed")
      ) : (
        <span role="columnheader" class="number">
          Created
        </span>
      )}
      <span role="columnheader">
        <span class="said">Actions</span>
      </span>
    </>
  );
}

/** Its image is asked for when the row has been in sight for a moment. */
function TagRow({ repository, tag, remove }: { repository: string; tag: TagFact; remove?: () => void }) {
  const { value, error } = useLoaded(
    (signal) => store.summary(repository, tag.digest ?? tag.name, signal),
    [repository, tag.name, tag.digest],
    80,
  );
  const digest = tag.digest ?? value?.image.digest;
  const { name } = tag;
  return (
    <>
      <span role="cell" class="name">
        <a href={addressOf(repository, name)} class="main">
          <Icon name="tag" />
          <bdi>{name}</bdi>
        </a>
        <code class="faint">{digest ? shortDigest(digest) : <Pending />}</code>
      </span>
      {error ? (
        <span role="cell" class="bad-text unread" title={error.message}>
          <Icon name="warning" />
          cannot be read
        </span>
      ) : (
        <span role="cell" class="platforms">
          {value ? <Kind summary={value} /> : <Pending />}
        </span>
      )}
      <span role="cell" class="number">
        {value ? formatBytes(value.bytes) : !error && <Pending />}
      </span>
      <span role="cell" class="number">
        {tag.pushed || value ? <Age time={tag.pushed ?? value?.created} /> : !error && <Pending />}
      </span>
      <span role="cell" class="actions">
        {remove && (
          <button type="button" class="quiet" aria-label={`Delete ${name}`} title="Delete" onClick={remove}>
            <Icon name="trash" />
          </button>
        )}
      </span>
    </>
  );
}

/** Shown by name, before the rest becomes a number. */
const FEW = 2;

function Kind({ summary: { image, platforms } }: { summary: Awaited<ReturnType<typeof store.summary>> }) {
  const { manifest } = image;
  if (manifest.kind === "artifact") {
    return <span class="chip">{formatMediaType(manifest.artifactType ?? image.type)}</span>;
  }
  return (
    <>
      {platforms.slice(0, FEW).map((platform) => (
        <span class="chip" key={platform}>
          {platform}
        </span>
      ))}
      {platforms.length > FEW && (
        <span class="chip" title={platforms.join(", ")}>
          +{platforms.length - FEW}
        </span>
      )}
    </>
  );
}
