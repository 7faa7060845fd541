import { Volume } from "@cdktf/provider-docker/lib/volume";
import type { Construct } from "constructs";
import { defaultName, requireDockerName } from "../core/names";
import { requireWholeNumber } from "../core/validation";
import { AUDIT_SCRIPTS, nginxAuditLog } from "./conf/audit-log";
import { logRotationScript } from "./log-rotation";
import type { IProxyPart, ProxyBinding, ProxyContext } from "./proxy-part";
import { AUDIT_FOLDER } from "./runner";
import { scriptBeside } from "./scripts";

/** An audit in a volume, and how large it may become. */
export interface AuditLogVolumeProps {
  /**
   * Name of a volume that is there already, for this proxy's audit alone; it is given to the proxy's user.
   *
   * @default - a volume of the proxy's own, as in "local-proxy-audit-log", which is destroyed with it
   */
  readonly volumeName?: string;

  /**
   * Size at which a file is closed, in MiB; a line has about 400 bytes.
   *
   * @default 10
   */
  readonly maxSizeMiB?: number;

  /**
   * Files that are kept, `audit.log` and those before it, `audit.log.1` and so on; the oldest is removed.
   *
   * @default 20
   */
  readonly maxFiles?: number;
}

/**
 * Where a proxy writes down who pushed a manifest, who deleted something, and who was refused what: a line of JSON each, at
 * once. Pulls are not in it. It needs an nginx with njs.
 *
 * @example
 * import { AuditLog, PrivateRegistry, PublicEndpoint } from "cdktf-docker-registry";
 *
 * new PrivateRegistry(stack, "Default", {
 *   endpoint: PublicEndpoint.https({ host: "registry.example.com" }),
 *   proxyOptions: { auditLog: AuditLog.toVolume({ maxFiles: 50 }) },
 * });
 */
export abstract class AuditLog implements IProxyPart {
  /** To the container's log driver, with everything else that it says; its lines begin with `{"time":`. */
  public static toLogDriver(): AuditLog {
    return new LogDriverAuditLog();
  }

  /**
   * To `audit.log` in a volume, which outlives the container and can be mounted by whatever reads logs.
   *
   * @throws when size or count is not a whole number within its limits
   */
  public static toVolume(props: AuditLogVolumeProps = {}): AuditLog {
    return new VolumeAuditLog(props);
  }

  /**
   * Adds the log to a proxy.
   *
   * @param scope the proxy
   * @param context what the log may want to know of it
   */
  public abstract bindToProxy(scope: Construct, context: ProxyContext): ProxyBinding;
}

class LogDriverAuditLog extends AuditLog {
  public bindToProxy(): ProxyBinding {
    return { nginx: nginxAuditLog("/dev/stdout"), files: AUDIT_SCRIPTS.map(scriptBeside) };
  }
}

class VolumeAuditLog extends AuditLog {
  constructor(private readonly props: AuditLogVolumeProps) {
    super();
    const where = "AuditLog.toVolume";
    requireWholeNumber(where, "maxSizeMiB", props.maxSizeMiB, { min: 1, max: 10240, example: 10 });
    requireWholeNumber(where, "maxFiles", props.maxFiles, { min: 2, max: 1000, example: 20 });
  }

  public bindToProxy(proxy: Construct): ProxyBinding {
    const { volumeName, maxSizeMiB = 10, maxFiles = 20 } = this.props;
    requireDockerName(proxy, "auditLog.volumeName", volumeName);
    const volume = volumeName ?? new Volume(proxy, "AuditLog", { name: `${defaultName(proxy)}-audit-log` }).name;
    const file = `${AUDIT_FOLDER}/audit.log`;
    return {
      nginx: nginxAuditLog(file),
      files: AUDIT_SCRIPTS.map(scriptBeside),
      everySecond: logRotationScript({ file, maxSizeMiB, maxFiles }),
      mounts: [{ volumeName: volume, containerPath: AUDIT_FOLDER }],
      ownedVolumeNames: [volume],
    };
  }
}
