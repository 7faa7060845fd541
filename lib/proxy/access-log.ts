import { Volume } from "@cdktf/provider-docker/lib/volume";
import type { Construct } from "constructs";
import { defaultName, requireDockerName } from "../core/names";
import { requireWholeNumber } from "../core/validation";
import { NO_ACCESS_LOG, nginxAccessLog } from "./conf/access-log";
import { logRotationScript } from "./log-rotation";
import type { IProxyPart, ProxyBinding, ProxyContext } from "./proxy-part";
import { LOG_FOLDER } from "./runner";

/** An access log in a volume, and how large it may become. */
export interface AccessLogVolumeProps {
  /**
   * Name of a volume that is there already, for this proxy's log alone; it is given to the proxy's user.
   *
   * @default - a volume of the proxy's own, as in "local-proxy-access-log", which is destroyed with it
   */
  readonly volumeName?: string;

  /**
   * Size at which a file is closed, in MiB. It is looked at each second: what is written within one comes on top.
   *
   * @default 10
   */
  readonly maxSizeMiB?: number;

  /**
   * Files that are kept, `access.log` and those before it, `access.log.1` and so on; the oldest is removed.
   *
   * @default 5
   */
  readonly maxFiles?: number;
}

/**
 * Where a proxy writes down who asked for what; its errors go to the log driver in any case.
 *
 * @example
 * import { AccessLog, PrivateRegistry, PublicEndpoint } from "cdktf-docker-registry";
 *
 * new PrivateRegistry(stack, "Default", {
 *   endpoint: PublicEndpoint.https({ host: "registry.example.com" }),
 *   proxyOptions: { accessLog: AccessLog.toVolume({ maxSizeMiB: 50 }) },
 * });
 */
export abstract class AccessLog implements IProxyPart {
  /** To the container's log driver, with everything else that it says: `docker logs` shows it within a second. */
  public static toLogDriver(): AccessLog {
    return new LogDriverAccessLog();
  }

  /**
   * To `access.log` in a volume, which outlives the container and can be mounted by whatever reads logs.
   *
   * Each request is written at once, so that the last ones before a crash are there too.
   *
   * @throws when size or count is not a whole number within its limits
   */
  public static toVolume(props: AccessLogVolumeProps = {}): AccessLog {
    return new VolumeAccessLog(props);
  }

  /** Nowhere. */
  public static none(): AccessLog {
    return new NoAccessLog();
  }

  /**
   * Adds the log to a proxy.
   *
   * @param scope the proxy
   * @param context what the log may want to know of it
   */
  public abstract bindToProxy(scope: Construct, context: ProxyContext): ProxyBinding;
}

class LogDriverAccessLog extends AccessLog {
  public bindToProxy(): ProxyBinding {
    // The engine spends as long on a write as nginx on a request. Pieces of 4 KiB, which a pipe takes as a whole: the
    // lines of two workers do not mix.
    return { nginx: nginxAccessLog("/dev/stdout", " buffer=4k flush=1s") };
  }
}

class NoAccessLog extends AccessLog {
  public bindToProxy(): ProxyBinding {
    return { nginx: { log: [NO_ACCESS_LOG] } };
  }
}

class VolumeAccessLog extends AccessLog {
  constructor(private readonly props: AccessLogVolumeProps) {
    super();
    const where = "AccessLog.toVolume";
    requireWholeNumber(where, "maxSizeMiB", props.maxSizeMiB, { min: 1, max: 10240, example: 10 });
    requireWholeNumber(where, "maxFiles", props.maxFiles, { min: 2, max: 1000, example: 5 });
  }

  public bindToProxy(proxy: Construct): ProxyBinding {
    const { volumeName, maxSizeMiB = 10, maxFiles = 5 } = this.props;
    requireDockerName(proxy, "accessLog.volumeName", volumeName);
    const volume = volumeName ?? new Volume(proxy, "AccessLog", { name: `${defaultName(proxy)}-access-log` }).name;
    const file = `${LOG_FOLDER}/access.log`;
    return {
      nginx: nginxAccessLog(file),
      everySecond: logRotationScript({ file, maxSizeMiB, maxFiles }),
      mounts: [{ volumeName: volume, containerPath: LOG_FOLDER }],
      ownedVolumeNames: [volume],
    };
  }
}
