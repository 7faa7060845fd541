import { useState } from "preact/hooks";
import { asRegistryError, type RegistryError } from "../registry/registry-error";
import { client, store } from "../state";
import { formatCount, shortDigest } from "../text/format";
import { imageName, isDigest } from "../text/reference";
import { compareTags } from "../text/versions";
import { useLoaded } from "./loaded";
import { Dialog, Failure, Waiting } from "./parts";

/** Names of other tags that are shown, before the rest becomes a number. */
const MOST_NAMES = 12;

interface Props {
  readonly repository: string;
  readonly reference: string;
  readonly close: () => void;
  /** After something was deleted. */
  readonly done?: () => void;
}

/** Asks before it deletes, and says what else goes. */
export function DeleteDialog({ repository, reference, close, done }: Props) {
  const [progress, setProgress] = useState("");
  const [failure, setFailure] = useState<RegistryError>();
  const [isBusy, setBusy] = useState(false);
  const tags = useLoaded(
    (signal) =>
      store.digests(repository, signal, (looked, all) => setProgress(`${looked} of ${formatCount(all, "tag")}`)),
    [repository],
  );
  const digest = isDigest(reference) ? reference : tags.value?.get(reference);
  const sharing = [...(tags.value ?? [])]
    .filter(([name, of]) => of === digest && name !== reference)
    .map(([name]) => name)
    .sort(compareTags);
  const isTag = !isDigest(reference);

  const remove = async (what: string) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await client.delete(repository, what);
      close();
      store.changed(repository);
      done?.();
    } catch (error) {
      setFailure(asRegistryError(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={`Delete ${imageName(repository, isTag ? reference : shortDigest(reference))}?`} close={close}>
      {tags.error && <Failure error={tags.error} what="The tags cannot be read" again={tags.again} />}
      {!tags.value && !tags.error && <Waiting what={`Looking which tags are the same image: ${progress}`} />}
      {tags.value && digest && (
        <>
          <p>
            The image is <code>{shortDigest(digest)}</code>.{" "}
            {sharing.length === 0
              ? "No other tag is the same image."
              : `${formatCount(sharing.length, "other tag is", "other tags are")} the same image and would go too:`}
          </p>
          {sharing.length > 0 && (
            <ul class="chips">
              {sharing.slice(0, MOST_NAMES).map((name) => (
                <li class="chip" key={name}>
                  {name}
                </li>
              ))}
              {sharing.length > MOST_NAMES && <li class="chip">+{sharing.length - MOST_NAMES}</li>}
            </ul>
          )}
          <p class="faint">It cannot be pulled any more. Its layers stay on the disk until they are collected.</p>
        </>
      )}
      {tags.value && !digest && <p>This tag cannot be read. Only the tag itself can be removed.</p>}
      {failure && <Failure error={failure} what="It was not deleted" />}
      <div class="buttons">
        <button type="button" onClick={close}>
          Cancel
        </button>
        {isTag && (sharing.length > 0 || (tags.value && !digest)) && (
          <button type="button" class="bad" disabled={isBusy} onClick={() => remove(reference)}>
            Remove this tag only
          </button>
        )}
        {digest && tags.value && (
          <button type="button" class="bad strong" disabled={isBusy} onClick={() => remove(digest)}>
            {sharing.length > 0 ? `Delete all ${sharing.length + Number(isTag)}` : "Delete"}
          </button>
        )}
      </div>
    </Dialog>
  );
}
