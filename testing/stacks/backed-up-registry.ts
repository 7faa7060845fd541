import type { TerraformStack } from "cdktf";
import { images } from "../../environments/images";
import {
  type FilesystemStorageProps,
  GarbageCollection,
  RedisCache,
  RegistryBackup,
  type RegistryBackupOptions,
  type RegistryContainer,
  RegistryStorage,
} from "../../lib";
import type { StackFactory } from "../machine/deployment";
import { composedRegistry } from "./adjusted-registry";

/**
 * A registry with a Redis and garbage collection, and backups under the given ids.
 *
 * @param data the volume of the images
 */
export function backedUpRegistry(
  port: number,
  backups: (stack: TerraformStack) => { readonly [id: string]: RegistryBackupOptions },
  data: FilesystemStorageProps = { protectData: false },
): StackFactory {
  return (app, id) => {
    const stack = composedRegistry(port, (scope) => ({
      storage: RegistryStorage.filesystem(data),
      cache: new RedisCache(scope, "Cache", { image: images.redis }),
      maintenance: GarbageCollection.of({ graceMinutes: 0 }),
    }))(app, id);
    const registry = stack.node.findChild("Registry") as RegistryContainer;
    for (const [name, options] of Object.entries(backups(stack))) {
      new RegistryBackup(stack, name, { image: images.restic, healthIntervalSeconds: 1, ...options, registry });
    }
    return stack;
  };
}
