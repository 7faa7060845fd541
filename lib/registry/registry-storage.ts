import type { Construct } from "constructs";
import { defaultName, requireDockerName } from "../core/names";
import type { IRegistryPart, RegistryBinding, RegistryContext } from "./binding";
import { bindS3, type S3StorageProps } from "./s3-storage";

const ROOT_DIRECTORY = "/var/lib/registry";

/** Id of the volume with manifests and blobs. */
export const DATA = "Data";

/** A registry that keeps its data in a volume. */
export interface FilesystemStorageProps {
  /**
   * Name of the volume.
   *
   * @default - the name of the registry with "-data", as in "local-registry-data"
   */
  readonly volumeName?: string;

  /**
   * Whether Terraform refuses every plan that would destroy the volume, and all images in it.
   * To destroy such a registry on purpose, set it to false first.
   *
   * @default true
   */
  readonly protectData?: boolean;
}

/**
 * Where a registry keeps manifests and blobs.
 *
 * @see https://distribution.github.io/distribution/storage-drivers/
 */
export abstract class RegistryStorage implements IRegistryPart {
  /** A named volume on the engine's machine. */
  public static filesystem(props: FilesystemStorageProps = {}): RegistryStorage {
    return new FilesystemStorage(props);
  }

  /**
   * A bucket of S3, or of any storage that speaks like it: several registries can share it.
   */
  public static s3(props: S3StorageProps): RegistryStorage {
    return new S3Storage(props);
  }

  /** The memory of the registry's process, empty after each start: for tests. */
  public static inMemory(): RegistryStorage {
    return new InMemoryStorage();
  }

  /**
   * Adds the storage to a registry.
   *
   * @param scope the registry
   * @param context what the storage may want to know of it
   */
  public abstract bindToRegistry(scope: Construct, context: RegistryContext): RegistryBinding;
}

class FilesystemStorage extends RegistryStorage {
  constructor(private readonly props: FilesystemStorageProps) {
    super();
  }

  public bindToRegistry(scope: Construct): RegistryBinding {
    requireDockerName(scope, "volumeName", this.props.volumeName);
    const name = this.props.volumeName ?? `${defaultName(scope)}-data`;
    const mount = { volumeName: name, containerPath: ROOT_DIRECTORY };
    return {
      volumes: [{ id: DATA, name, protectData: this.props.protectData ?? true }],
      config: { storage: { filesystem: { rootdirectory: ROOT_DIRECTORY } } },
      mounts: [mount],
      blobVolume: mount,
      ownedVolumeNames: [name],
      // What lives in this process is a few MiB: Go would collect its garbage dozens of times a second under load.
      environment: ["GOGC=400"],
    };
  }
}

class S3Storage extends RegistryStorage {
  constructor(private readonly props: S3StorageProps) {
    super();
  }

  public bindToRegistry(scope: Construct, { majorVersion }: RegistryContext): RegistryBinding {
    return bindS3(scope, this.props, majorVersion);
  }
}

class InMemoryStorage extends RegistryStorage {
  public bindToRegistry(): RegistryBinding {
    return { config: { storage: { inmemory: {} } } };
  }
}
