import { Token } from "cdktf";
import type { Construct, IConstruct } from "constructs";

/** Written down at each registry whose data outlives its process. */
const STORAGE = "cdktf-docker-registry:storage";

/** What two registries on one storage have in common, and whether this one writes to it. */
interface Storage {
  readonly address: string;
  readonly isWritten: boolean;
}

/**
 * For the checks of registries that must not share their storage.
 *
 * @param config of the registry, merged
 * @param volumeName of its data, where they are in a volume
 */
export function noteStorage(scope: Construct, { storage }: { readonly [key: string]: any }, volumeName?: string): void {
  const { regionendpoint, bucket, rootdirectory } = storage?.s3 ?? {};
  const place = bucket ? [regionendpoint, bucket, rootdirectory] : [volumeName];
  if (place.every((part) => part === undefined)) {
    return;
  }
  const address = JSON.stringify(place.map((part) => Token.asString(part ?? "").replace(/\/+$/, "")));
  const noted: Storage = { address, isWritten: !storage?.maintenance?.readonly?.enabled };
  scope.node.addMetadata(STORAGE, noted);
}

/** Paths of the other registries on the same storage, as far as this app knows them. */
export function registriesOnStorageOf(scope: IConstruct, onlyWriters = false): string[] {
  const storageOf = ({ node }: IConstruct): Storage | undefined =>
    node.metadata.find(({ type }) => type === STORAGE)?.data;
  const own = storageOf(scope);
  return scope.node.root.node
    .findAll()
    .filter((one) => {
      const other = one === scope ? undefined : storageOf(one);
      return other !== undefined && other.address === own?.address && (other.isWritten || !onlyWriters);
    })
    .map(({ node }) => node.path);
}

/** Whoever collects in a bucket has it for itself: meanwhile no one else may write. */
export function requireOnlyWriter(scope: Construct, bucket: string): void {
  scope.node.addValidation({
    validate: () =>
      registriesOnStorageOf(scope, true).map(
        (other) =>
          `${scope.node.path}: maintenance collects in the bucket "${bucket}", expected no other registry that writes to it: ${other} does. Fix: set readOnly there, let it have a rootDirectory of its own, or leave maintenance out`,
      ),
  });
}
