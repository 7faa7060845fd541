import { Volume } from "@cdktf/provider-docker/lib/volume";
import { TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName, requireDockerName } from "../core/names";
import type { IRegistryPart, RegistryBinding, RegistryContext } from "./registry-part";
import { bindS3, type S3StorageProps } from "./s3-storage";

/** Where a registry has its data, if they are in a volume. */
export const ROOT_DIRECTORY = "/var/lib/registry";

/** Id of the volume with manifests and blobs. */
export const DATA = "Data";

/** A registry that keeps its data in a volume. */
export interface FilesystemStorageProps {
  /**
   * Name of the volume; no other registry of the stack may have it.
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
 *
 * @example
 * import { TerraformVariable } from "cdktf";
 * import { RegistryContainer, RegistryStorage } from "cdktf-docker-registry";
 *
 * const secretKey = new TerraformVariable(stack, "secret_key", { type: "string", sensitive: true }).stringValue;
 * const storage = RegistryStorage.s3({ bucket: "images", region: "eu-central-1", accessKey: "registry", secretKey });
 * const registry = new RegistryContainer(stack, "Registry", { storage });
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
    requireVolumeOfItsOwn(scope, name);
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

/**
 * Each registry signs uploads with a secret of its own: on one volume, an upload begun at one registry is "invalid" to
 * the other. And each would have its own resource for the volume: taking one of them away fails, since the other uses it.
 */
function requireVolumeOfItsOwn(scope: Construct, name: string): void {
  const volumes = TerraformStack.of(scope)
    .node.findAll()
    .filter(
      (part) => TerraformResource.isTerraformResource(part) && part.terraformResourceType === Volume.tfResourceType,
    );
  const other = volumes.find((volume) => (volume as Volume).nameInput === name);
  if (other?.node.scope) {
    throw invalidInput({
      where: scope,
      field: "storage.volumeName",
      got: name,
      expected: `a volume of its own: ${other.node.scope.node.path} has this one`,
      fix: "give it another name, or let one registry stand behind several proxies",
    });
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
