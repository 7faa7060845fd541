import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import type { Network } from "@cdktf/provider-docker/lib/network";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import { Password } from "@cdktf/provider-random/lib/password";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName } from "../core/names";
import { requireProvider } from "../core/provider-versions";
import { requireSecret } from "../core/secrets";
import { requireWholeNumber } from "../core/validation";
import { CONFIG_FOLDER, ConfigVolume, EXECUTABLES } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { createVolume, OwnedResources } from "../docker/owned-resources";
import { SERVICE_UID, serviceContainer } from "../docker/service-container";
import { Schedule, Weekday } from "../maintenance/schedule";
import type { RegistryContainer } from "../registry/registry-container";
import {
  BACKUP_COMMANDS,
  BACKUP_HEALTH,
  BACKUP_RUNNER,
  DATA_FOLDER,
  FIGURES_FILE,
  FIGURES_FOLDER,
  PASSWORD_FILE,
  RESTORE_FOLDER,
  renderBackupScript,
  renderVolumeCheck,
  WORK_FOLDER,
} from "./backup-script";
import { REPOSITORY_VOLUME } from "./local-target";
import type { BackupKeep, RegistryBackupProps } from "./registry-backup-props";

const PASSWD = `root:x:0:0:root:/root:/bin/sh\nregistry:x:${SERVICE_UID}:${SERVICE_UID}:registry:/tmp:/bin/false\n`;
const KEEP: BackupKeep = { daily: 7, weekly: 5, monthly: 12 };

/**
 * Backups of a registry's images, taken by restic while people push: encrypted, deduplicated, thinned out and checked.
 *
 * Its container reads the registry's volume and cannot write to it. Each backup is complete: all that its tags need is in it,
 * whatever is pushed, deleted or collected meanwhile. `docker exec <backup> /config/current/bin/backup` tells the commands.
 *
 * @example
 * import { BackupTarget, RegistryBackup, RegistryContainer } from "cdktf-docker-registry";
 *
 * const registry = new RegistryContainer(stack, "Registry");
 * new RegistryBackup(stack, "Backup", { registry, target: BackupTarget.folder("/srv/registry-backup") });
 */
export class RegistryBackup extends Construct {
  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The volume with the script and the secrets. */
  public readonly config: ConfigVolume;

  /** What backups are encrypted with; sensitive. */
  public readonly password: string;

  /** The volume with the repository, where the target is a volume. */
  public readonly repositoryVolume?: Volume;

  /** The network that it was given for outbound access, if the target needs it. */
  public readonly outboundNetwork?: Network;

  /**
   * @throws when the registry's storage is no volume, the target cannot be one, or nothing would be kept
   */
  constructor(scope: Construct, id: string, props: RegistryBackupProps) {
    super(scope, id);
    requireProvider(this, "random");
    const dataVolume = requireDataVolume(this, props.registry);
    requireSecret(this, "password", props.password, ", or leave it out to have one generated");
    requireWholeNumber(this, "checkedPercent", props.checkedPercent, { min: 1, max: 100, example: 10 });
    const keep = keepOptions(this, props.keep ?? KEEP);
    const target = props.target.bindToBackup(this, { dataVolumeName: dataVolume.nameInput ?? "" });

    const image = props.image ?? ContainerImage.RESTIC;
    warnAboutMovingTag(this, image.reference);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    this.password = props.password ?? new Password(this, "Password", { length: 48, special: false }).result;
    const outbound = { id: "Outbound", name: `${defaultName(this)}-outbound` };
    const owned = new OwnedResources(this, target.volumes ?? [], target.reachesOut ? [outbound] : []);
    this.repositoryVolume = owned.volume(REPOSITORY_VOLUME);
    this.outboundNetwork = owned.network(outbound.id);
    const work = createVolume(this, { id: "Work", name: `${defaultName(this)}-work` });
    const figures = this.figuresVolume(props.registry);

    this.config = new ConfigVolume(this, "Config", {
      imageId: this.image.imageId,
      requiredCommands: [...BACKUP_COMMANDS, ...(target.requiredCommands ?? [])],
    });
    this.config.addFile(
      `${EXECUTABLES}/backup`,
      renderBackupScript({
        name: defaultName(props.registry),
        target,
        schedule: props.schedule ?? Schedule.daily("02:30"),
        checkSchedule: props.checkSchedule ?? Schedule.weekly(Weekday.SUNDAY, "04:30"),
        checkedPercent: props.checkedPercent ?? 10,
        keep,
      }),
    );
    const checks = { volume: renderVolumeCheck(DATA_FOLDER, `${WORK_FOLDER}/check`), restored: renderRestoredCheck() };
    for (const [name, content] of Object.entries(checks)) {
      // Not for the review: it is the same in each registry of one version of this library.
      this.config.addSecretFile(`${EXECUTABLES}/check-${name}`, content);
    }
    this.config.addSecretFile(PASSWORD_FILE, this.password);
    for (const { path, content, review } of target.files ?? []) {
      this.config.addSecretFile(path, content, review);
    }
    for (const volumeName of [
      work.name,
      ...figures,
      ...(target.ownedVolumeNames ?? []).map((name) => owned.volumeName(name)),
    ]) {
      this.config.giveToService(volumeName);
    }

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [BACKUP_RUNNER],
      tmpfs: { "/tmp": "size=16m,mode=1777" },
      mounts: [
        this.config.mountAt(CONFIG_FOLDER),
        { volumeName: dataVolume.name, containerPath: DATA_FOLDER, readOnly: true },
        { volumeName: work.name, containerPath: WORK_FOLDER },
        ...figures.map((volumeName) => ({ volumeName, containerPath: FIGURES_FOLDER })),
        ...(target.mounts ?? []).map((mount) => owned.mount(mount)),
      ],
      networkNames: [...(target.networkNames ?? []), ...(target.reachesOut ? [owned.networkName(outbound.name)] : [])],
      healthCommand: ["CMD-SHELL", BACKUP_HEALTH],
      // The registry's writer gives the data to the user that reads them here.
      dependsOn: [this.config.writer, props.registry.config.writer],
      replacedWith: [],
    });
    if (target.needsUserName) {
      // The engine puts no file into a container that it is to keep as it is; its user can change nothing there anyway.
      this.resource.readOnly = false;
      this.resource.putUpload([{ file: "/etc/passwd", content: PASSWD }]);
    }
    // Its locks in the repository are known as its own after it was made anew.
    this.resource.hostname = defaultName(this)
      .slice(-63)
      .replace(/^[^a-z0-9]+/, "");
    // Pushes and pulls come first.
    this.resource.cpuShares = 256;
  }

  /** The volume in which the registry's endpoint of metrics finds those of the backup, if it has one. */
  private figuresVolume({ metrics }: RegistryContainer): string[] {
    if (metrics === undefined) {
      return [];
    }
    const volumeName = createVolume(this, { id: "Figures", name: `${defaultName(this)}-figures` }).name;
    metrics.addSource({ name: "backup", volumeName, file: FIGURES_FILE });
    return [volumeName];
  }
}

function renderRestoredCheck(): string {
  return renderVolumeCheck(RESTORE_FOLDER, `${RESTORE_FOLDER}/maintenance`);
}

function requireDataVolume(where: Construct, registry: RegistryContainer): Volume {
  if (registry?.dataVolume === undefined) {
    throw invalidInput({
      where,
      field: "registry",
      got: registry === undefined ? undefined : registry.node.path,
      expected: "a RegistryContainer whose storage is a volume",
      fix: "take RegistryStorage.filesystem(); for S3 turn the bucket's versioning on and copy it by its own means",
    });
  }
  return registry.dataVolume;
}

function keepOptions(where: Construct, keep: BackupKeep): string[] {
  const { last, daily, weekly, monthly } = keep;
  const options = Object.entries({ last, daily, weekly, monthly });
  for (const [name, count] of options) {
    requireWholeNumber(where, `keep.${name}`, count, { min: 0, max: 10_000, example: 7 });
  }
  if (options.every(([, count]) => !count)) {
    throw invalidInput({
      where,
      field: "keep",
      got: keep,
      expected: "at least one backup that stays",
      fix: "write one of last, daily, weekly and monthly, or leave keep out",
    });
  }
  return options.flatMap(([name, count]) => (count ? [`--keep-${name}`, String(count)] : []));
}
