import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName, requireDockerName } from "../core/names";
import { isKnown } from "../core/validation";
import type { BackupContext, BackupTargetBinding } from "./target-binding";

const MOUNT_POINT = "/repository";

/** Id of the volume that a repository is in. */
export const REPOSITORY_VOLUME = "Repository";

/** A repository in a volume of the engine. */
export interface BackupVolumeProps {
  /**
   * Name of the volume.
   *
   * @default - the name of the backup with "-repository", as in "local-backup-repository"
   */
  readonly volumeName?: string;

  /**
   * Whether Terraform refuses every plan that would destroy the volume, and all backups in it.
   *
   * @default true
   */
  readonly protectData?: boolean;
}

/** On the same disk as the registry, as a rule: against mistakes, not against the loss of the disk. */
export function bindVolume(
  where: Construct,
  { volumeName, protectData }: BackupVolumeProps,
  { dataVolumeName }: BackupContext,
): BackupTargetBinding {
  requireDockerName(where, "target.volumeName", volumeName);
  const name = volumeName ?? `${defaultName(where)}-repository`;
  if (name === dataVolumeName) {
    throw invalidInput({
      where,
      field: "target.volumeName",
      got: name,
      expected: "another volume than the one that is backed up",
      fix: "give it another name, or leave it out",
    });
  }
  return {
    repository: MOUNT_POINT,
    volumes: [{ id: REPOSITORY_VOLUME, name, protectData: protectData ?? true }],
    mounts: [{ volumeName: name, containerPath: MOUNT_POINT }],
    ownedVolumeNames: [name],
  };
}

/**
 * A folder of the engine's machine, such as a disk of its own or a share: mounted by a volume that is nothing but its name,
 * so that it works with remote engines too and goes without the folder.
 */
export function bindFolder(where: Construct, path: string): BackupTargetBinding {
  const fix = 'write it like "/srv/registry-backup", a folder that is there and belongs to user 65532';
  const refuse = (expected: string) => {
    throw invalidInput({ where, field: "target.path", got: path, expected, fix });
  };
  if (isKnown(path)) {
    if (typeof path !== "string" || !/^(\/[\w.@+-]+)+$/.test(path) || /\/\.{1,2}(\/|$)/.test(path)) {
      refuse("an absolute path without .., of letters, digits and . _ @ + -");
    }
    if (/^\/(var\/lib\/docker|proc|sys|dev|run)(\/|$)/.test(path)) {
      refuse("a folder that is nobody else's, neither the engine's nor the kernel's");
    }
  }
  const name = `${defaultName(where)}-folder`;
  return {
    repository: MOUNT_POINT,
    volumes: [{ id: REPOSITORY_VOLUME, name, driverOptions: { type: "none", o: "bind", device: path } }],
    mounts: [{ volumeName: name, containerPath: MOUNT_POINT }],
  };
}
