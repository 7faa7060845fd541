import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { openFolders, search, store } from "../state";
import { formatBytes, formatCount } from "../text/format";
import { addressOf } from "../text/reference";
import { foundRows, type Row, treeOf, treeRows } from "../text/tree";
import { Icon } from "./icons";
import { useLoaded } from "./loaded";
import { Age, Failure, Heading, Nothing, Pending, Waiting } from "./parts";
import { VirtualTable } from "./virtual-table";

/** So few are all shown at once. */
const FEW = 60;

/** All repositories, as a tree or as what was searched for. */
export function Repositories() {
  const tree = useComputed(() => treeOf(store.repositories.value));
  const rows = useComputed(() => {
    const names = store.repositories.value;
    const isOpen = (path: string) => openFolders.value.has(path) !== names.length <= FEW;
    return search.value.trim() === "" ? treeRows(tree.value, isOpen) : foundRows(names, search.value);
  });
  const names = store.repositories.value;
  const failure = store.failure.value;
  const isComplete = store.isComplete.value;
  const found = rows.value;
  const count = formatCount(names.length, "repository", "repositories");
  return (
    <>
      <div class="top">
        <div>
          <Heading place="Repositories">Repositories</Heading>
          <p class="lead" role="status">
            {isComplete || names.length > 0 ? `${count}${isComplete ? "" : " so far…"}` : " "}
          </p>
        </div>
        <SearchField label="Search repositories" />
      </div>
      {failure && <Failure error={failure} what="The repositories cannot be listed" again={() => store.load()} />}
      {found.length > 0 ? (
        <VirtualTable
          label="Repositories"
          kind="repositories"
          columns={
            <>
              <span role="columnheader">Repository</span>
              <span role="columnheader" class="number">
                Tags
              </span>
              <span role="columnheader" class="number">
                Size
              </span>
              <span role="columnheader" class="number">
                Last push
              </span>
            </>
          }
          rows={found}
          keyOf={({ path, isRepository }) => `${path} ${isRepository}`}
          heights={{ wide: 48, narrow: 64 }}
        >
          {(row) => <RepositoryRow row={row} />}
        </VirtualTable>
      ) : (
        <Emptiness isLoading={!isComplete && !failure} isSearch={names.length > 0} />
      )}
    </>
  );
}

function Emptiness({ isLoading, isSearch }: { isLoading: boolean; isSearch: boolean }) {
  if (isSearch) {
    return <Nothing>{`No repository has “${search.value.trim()}” in its name.`}</Nothing>;
  }
  return isLoading ? (
    <Waiting what="Asking the registry…" />
  ) : (
    <Nothing>There is nothing here that you may see. Push an image, and it appears.</Nothing>
  );
}

function SearchField({ label }: { label: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const toField = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.matches("input, textarea, dialog *");
      if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        field.current?.focus();
      }
    };
    addEventListener("keydown", toField);
    return () => removeEventListener("keydown", toField);
  }, []);
  return (
    <label class="search">
      <Icon name="search" />
      <span class="said">{label}</span>
      <input
        ref={field}
        type="search"
        placeholder="Search"
        autocomplete="off"
        spellcheck={false}
        value={search.value}
        onInput={({ currentTarget }) => {
          search.value = currentTarget.value;
          scrollTo(0, 0);
        }}
      />
      <kbd title="Press / to search">/</kbd>
    </label>
  );
}

function RepositoryRow({ row }: { row: Row }) {
  return (
    <>
      <span role="cell" class="name" style={{ paddingLeft: `${row.depth * 22}px` }}>
        {row.count > 0 && <FolderButton row={row} />}
        {row.isRepository && (
          <a href={addressOf(row.path)} class="main">
            {row.count === 0 && <Icon name="box" />}
            <bdi>{row.label}</bdi>
          </a>
        )}
      </span>
      {row.isRepository ? (
        <Usage repository={row.path} />
      ) : (
        <span role="cell" class="number faint inside">
          {formatCount(row.count, "repository", "repositories")}
        </span>
      )}
    </>
  );
}

function FolderButton({ row }: { row: Row }) {
  const toggle = () => {
    const open = new Set(openFolders.value);
    if (!open.delete(row.path)) {
      open.add(row.path);
    }
    openFolders.value = open;
  };
  return (
    <button type="button" class="folder main" aria-expanded={row.isOpen} onClick={toggle}>
      <Icon name="chevron" />
      <Icon name="folder" />
      {row.isRepository ? <span class="said">{row.label}</span> : <bdi>{row.label}</bdi>}
    </button>
  );
}

/** Asked for when the row has been in sight for a moment. */
function Usage({ repository }: { repository: string }) {
  const known = store.knownFacts(repository);
  const { value = known, error } = useLoaded(
    (signal) => (known ? Promise.resolve(known) : store.factsOf(repository, signal)),
    [repository],
    known ? 0 : 80,
  );
  if (error) {
    return (
      <span role="cell" class="number bad-text inside" title={error.message}>
        cannot be read
      </span>
    );
  }
  const pushed = value?.tags.reduce((latest, tag) => Math.max(latest, tag.pushed ?? 0), 0);
  return (
    <>
      <span role="cell" class="number tags" data-unit={value?.tags.length === 1 ? "tag" : "tags"}>
        {value ? value.tags.length.toLocaleString("en") : <Pending />}
      </span>
      <span role="cell" class="number">
        {value ? value.isDetailed ? formatBytes(value.bytes) : <span class="faint">–</span> : <Pending />}
      </span>
      <span role="cell" class="number">
        {value ? <Age time={pushed || undefined} /> : <Pending />}
      </span>
    </>
  );
}
