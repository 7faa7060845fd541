import { requireWholeNumber } from "../core/validation";

/** How many log files of what size the engine keeps. */
export interface JsonFileLogProps {
  /**
   * Size at which a file is closed, in MiB.
   *
   * @default 10
   */
  readonly maxSizeMiB?: number;

  /**
   * Files that are kept; the oldest is removed.
   *
   * @default 5
   */
  readonly maxFiles?: number;
}

/**
 * The engine's log driver for a container.
 *
 * @see https://docs.docker.com/engine/logging/configure/
 *
 * @example
 * import { LogDriver, RedisCache } from "cdktf-docker-registry";
 *
 * new RedisCache(stack, "Cache", { logDriver: LogDriver.of("journald", { tag: "registry-cache" }) });
 */
export class LogDriver {
  /**
   * Files on the engine's machine that are rotated and read by `docker logs`.
   *
   * @throws when size or count is not a whole number above zero
   */
  public static jsonFile(props: JsonFileLogProps = {}): LogDriver {
    requireWholeNumber("LogDriver.jsonFile", "maxSizeMiB", props.maxSizeMiB, { min: 1, max: 10240, example: 10 });
    requireWholeNumber("LogDriver.jsonFile", "maxFiles", props.maxFiles, { min: 1, max: 1000, example: 5 });
    return new LogDriver("json-file", {
      "max-size": `${props.maxSizeMiB ?? 10}m`,
      "max-file": `${props.maxFiles ?? 5}`,
    });
  }

  /**
   * Any other driver of the engine: `journald`, `syslog`, `fluentd`, …
   *
   * @param name the driver's name
   * @param options its options, as the engine's documentation names them
   */
  public static of(name: string, options: { [key: string]: string } = {}): LogDriver {
    return new LogDriver(name, options);
  }

  private constructor(
    public readonly name: string,
    public readonly options: { [key: string]: string },
  ) {}
}
