import type { ContainerImage } from "../docker/container-image";
import type { ServiceContainerProps } from "../docker/service-container";
import type { Schedule } from "../maintenance/schedule";
import type { RegistryContainer } from "../registry/registry-container";
import type { BackupTarget } from "./backup-target";

/**
 * Which backups stay: the last ones, and the last of each of so many days, weeks and months that have one.
 *
 * @see https://restic.readthedocs.io/en/stable/060_forget.html
 */
export interface BackupKeep {
  /**
   * The last so many, whenever they were taken.
   *
   * @default - none for this reason
   */
  readonly last?: number;

  /**
   * One a day, for so many days.
   *
   * @default - none for this reason
   */
  readonly daily?: number;

  /**
   * One a week, for so many weeks.
   *
   * @default - none for this reason
   */
  readonly weekly?: number;

  /**
   * One a month, for so many months.
   *
   * @default - none for this reason
   */
  readonly monthly?: number;
}

/** How a registry is backed up. */
export interface RegistryBackupOptions extends ServiceContainerProps {
  /** Where the backups are kept. */
  readonly target: BackupTarget;

  /**
   * The password that backups are encrypted with, as a sensitive variable. Without it no backup can be read: keep it where
   * neither the registry's machine nor Terraform's state is.
   *
   * @default - one is generated; it is in Terraform's state only until you take it out of there
   */
  readonly password?: string;

  /**
   * When backups are taken.
   *
   * @default Schedule.daily("02:30")
   */
  readonly schedule?: Schedule;

  /**
   * Which of them stay.
   *
   * @default - 7 daily, 5 weekly and 12 monthly
   */
  readonly keep?: BackupKeep;

  /**
   * When it is looked for damage: every blob in the registry's volume is hashed, the repository's structure is checked and a
   * part of its data is read.
   *
   * @default Schedule.weekly(Weekday.SUNDAY, "04:30")
   */
  readonly checkSchedule?: Schedule;

  /**
   * How much of the repository's data a check reads, in percent; it is another part each time.
   *
   * @default 10
   */
  readonly checkedPercent?: number;

  /**
   * restic's image, 0.17 or newer; it needs a shell, and ssh for `BackupTarget.sftp()`, as the maintainers' image has them.
   *
   * @default ContainerImage.RESTIC
   */
  readonly image?: ContainerImage;
}

/** A registry's backup. */
export interface RegistryBackupProps extends RegistryBackupOptions {
  /** The registry; its storage has to be a volume. */
  readonly registry: RegistryContainer;
}
