import type { Construct } from "constructs";
import { type BackupVolumeProps, bindFolder, bindVolume } from "./local-target";
import { type BackupS3Props, bindS3Target } from "./s3-target";
import { type BackupSftpProps, bindSftp } from "./sftp-target";
import type { BackupContext, BackupTargetBinding } from "./target-binding";

/**
 * Where backups are kept: a repository of restic.
 *
 * @example
 * import { TerraformVariable } from "cdktf";
 * import { BackupTarget, RegistryBackup, RegistryContainer } from "cdktf-docker-registry";
 *
 * const secretKey = new TerraformVariable(stack, "backup_key", { type: "string", sensitive: true }).stringValue;
 * const target = BackupTarget.s3({ bucket: "backups", folder: "registry", accessKey: "backup", secretKey });
 * const registry = new RegistryContainer(stack, "Registry");
 * new RegistryBackup(stack, "Backup", { registry, target });
 */
export abstract class BackupTarget {
  /**
   * A volume of the same engine. It helps against mistakes; against the loss of the disk only where volumes are on several.
   */
  public static volume(props: BackupVolumeProps = {}): BackupTarget {
    return new VolumeTarget(props);
  }

  /**
   * A folder of the engine's machine, such as another disk or a share that is mounted there. It has to be there and to
   * belong to user 65532: `install -d -o 65532 -g 65532 /srv/registry-backup`.
   *
   * @param path absolute
   */
  public static folder(path: string): BackupTarget {
    return new FolderTarget(path);
  }

  /** A bucket of S3, or of any storage that speaks like it. */
  public static s3(props: BackupS3Props): BackupTarget {
    return new S3Target(props);
  }

  /** A folder on another machine, by ssh. */
  public static sftp(props: BackupSftpProps): BackupTarget {
    return new SftpTarget(props);
  }

  /**
   * Adds the target to a backup.
   *
   * @param scope the backup
   * @param context what the target may want to know of it
   * @throws when what it was given cannot be a target
   */
  public abstract bindToBackup(scope: Construct, context: BackupContext): BackupTargetBinding;
}

class VolumeTarget extends BackupTarget {
  constructor(private readonly props: BackupVolumeProps) {
    super();
  }

  public bindToBackup(scope: Construct, context: BackupContext): BackupTargetBinding {
    return bindVolume(scope, this.props, context);
  }
}

class FolderTarget extends BackupTarget {
  constructor(private readonly path: string) {
    super();
  }

  public bindToBackup(scope: Construct): BackupTargetBinding {
    return bindFolder(scope, this.path);
  }
}

class S3Target extends BackupTarget {
  constructor(private readonly props: BackupS3Props) {
    super();
  }

  public bindToBackup(scope: Construct): BackupTargetBinding {
    return bindS3Target(scope, this.props);
  }
}

class SftpTarget extends BackupTarget {
  constructor(private readonly props: BackupSftpProps) {
    super();
  }

  public bindToBackup(scope: Construct): BackupTargetBinding {
    return bindSftp(scope, this.props);
  }
}
