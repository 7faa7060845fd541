import { requireWholeNumber } from "../core/validation";

const MIB = 1024;

/** Below it a disk cannot hold what is written between two looks at it. */
const LEAST_MIB = 16;

/**
 * How much of the disk with a registry's data pushes leave free. A disk that is full damages what is written to it: version 2
 * leaves empty files that look like images.
 *
 * Below the reserve the proxy refuses what would bring data, and says so; what a push has uploaded by then may be finished.
 * Below half of it nothing is written, and uploads in flight are ended. Pulls and deletes go on, and so does a garbage
 * collection. Pushes are taken again when a tenth more than the reserve is free.
 *
 * Half of it has to be more than what all pushes together write in half a second.
 *
 * @example
 * import { DiskReserve, RegistryContainer } from "cdktf-docker-registry";
 *
 * const registry = new RegistryContainer(stack, "Registry", { diskReserve: DiskReserve.percent(10) });
 */
export class DiskReserve {
  /**
   * So much of the disk; the deploy fails where the disk is smaller.
   *
   * @param mebibytes at least 16
   * @throws when it is not a whole number of at least 16
   */
  public static mebibytes(mebibytes: number): DiskReserve {
    const range = { min: LEAST_MIB, max: 1024 * 1024 * 1024, example: 512 };
    requireWholeNumber("DiskReserve.mebibytes", "mebibytes", mebibytes, range);
    return new DiskReserve(mebibytes * MIB, 100);
  }

  /**
   * A part of the disk.
   *
   * @param percent 1 to 99
   * @throws when it is not a whole number from 1 to 99
   */
  public static percent(percent: number): DiskReserve {
    requireWholeNumber("DiskReserve.percent", "percent", percent, { min: 1, max: 99, example: 5 });
    return new DiskReserve(Number.MAX_SAFE_INTEGER, percent);
  }

  /** No reserve: pushes may fill the disk. */
  public static none(): DiskReserve {
    return new DiskReserve(0, 0);
  }

  /**
   * What a registry has whose user says nothing; small enough for every disk.
   *
   * @internal
   */
  public static _default(): DiskReserve {
    return new DiskReserve(512 * MIB, 5);
  }

  private constructor(
    /** The most that it is. */
    public readonly mostKibibytes: number,
    /** The same as a part of the disk; the smaller of the two counts. */
    public readonly partInPercent: number,
  ) {}
}
