import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Password } from "@cdktf/provider-random/lib/password";
import { Lazy } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { CONFIG_FOLDER, ConfigVolume } from "./config-volume";
import { warnAboutMovingTag } from "./image-reference";
import { defaultName } from "./names";
import type { IRegistryAuth, IRegistryCache, IRegistryUsers, RegistryBinding } from "./registry-binding";
import { type IRegistryBlobs, VolumeBlobs } from "./registry-blobs";
import { mergeRegistryConfig, renderRegistryConfig } from "./registry-config";
import { RegistryImage } from "./registry-image";
import { RegistryListener, type RegistryUpstream } from "./registry-listener";
import { RegistryStorage } from "./registry-storage";
import { type ServiceContainerProps, serviceContainer } from "./service-container";
import { terraformText } from "./terraform-text";

/** How much a registry writes to its log. */
export enum RegistryLogLevel {
  ERROR = "error",
  WARN = "warn",
  INFO = "info",
  DEBUG = "debug",
}

/** A registry that a proxy can stand in front of. */
export interface IRegistry extends IConstruct {
  /** How a proxy reaches it. */
  readonly upstream: RegistryUpstream;

  /**
   * Who sends its blobs.
   *
   * @default - the registry, because they are not files that a proxy could send
   */
  readonly blobs?: IRegistryBlobs;

  /**
   * Users whose passwords it checks by itself.
   *
   * @default - it asks for no password
   */
  readonly users?: IRegistryUsers;
}

/** The distribution registry in a container of its own. */
export interface RegistryContainerProps extends ServiceContainerProps {
  /**
   * The registry's image and the version of its configuration.
   *
   * @default RegistryImage.V3
   */
  readonly image?: RegistryImage;

  /**
   * Where the registry takes requests.
   *
   * @default RegistryListener.unixSocket()
   */
  readonly listener?: RegistryListener;

  /**
   * Where manifests and blobs are kept.
   *
   * @default RegistryStorage.filesystem() - a volume that Terraform refuses to destroy
   */
  readonly storage?: RegistryStorage;

  /**
   * Who may use the registry, checked by the registry itself; a proxy can check instead.
   *
   * @default - everybody who reaches it
   */
  readonly auth?: IRegistryAuth;

  /**
   * Where the registry keeps what it knows of its blobs.
   *
   * @default - its own memory
   */
  readonly cache?: IRegistryCache;

  /**
   * Whether clients may delete manifests and blobs.
   *
   * @default false: DELETE is answered with 405
   */
  readonly deleteEnabled?: boolean;

  /**
   * How much is logged. From INFO on there is a line per request, which the proxy has too.
   *
   * @default RegistryLogLevel.WARN
   */
  readonly logLevel?: RegistryLogLevel;

  /**
   * Keys of config.yml that no prop stands for, nested as the registry documents them; they win over all others.
   *
   * @default - none
   * @see https://distribution.github.io/distribution/about/configuration/
   */
  readonly configOverrides?: { readonly [key: string]: any };
}

/**
 * A registry (distribution) that publishes nothing by itself: put an `NginxProxy` in front of it.
 *
 * It runs as an unprivileged user on a read-only root file system, without capabilities and,
 * on its default listener, without a network.
 */
export class RegistryContainer extends Construct implements IRegistry {
  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The volume with config.yml. */
  public readonly config: ConfigVolume;

  public readonly upstream: RegistryUpstream;

  public readonly blobs?: IRegistryBlobs;

  public readonly users?: IRegistryUsers;

  constructor(scope: Construct, id: string, props: RegistryContainerProps = {}) {
    super(scope, id);
    const image = props.image ?? RegistryImage.V3;
    warnAboutMovingTag(this, image.reference);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    const httpSecret = new Password(this, "HttpSecret", { length: 48, special: false });

    const name = props.containerName ?? defaultName(this);
    const listener = (props.listener ?? RegistryListener.unixSocket()).bind(this, name);
    this.upstream = listener.upstream;
    const parts: RegistryBinding[] = [
      this.base(props, httpSecret.result),
      listener.registry,
      (props.storage ?? RegistryStorage.filesystem()).bind(this),
      ...(props.auth ? [props.auth.bindToRegistry(this, this.image.imageId)] : []),
      ...(props.cache ? [props.cache.bindToRegistry(this, image.majorVersion)] : []),
    ];
    const volume = parts.find((part) => part.blobVolume)?.blobVolume;
    const overrides = { config: props.configOverrides ?? {} };
    const blobs = volume && new VolumeBlobs(volume, addedHeaders([...parts, overrides]));
    this.blobs = blobs;
    this.users = parts.find((part) => part.users)?.users;

    this.config = new ConfigVolume(this, "Config", { imageId: this.image.imageId });
    const text = () =>
      renderRegistryConfig([...parts, ...(blobs ? [blobs.binding] : []), overrides].map((part) => part.config));
    const secrets = parts.flatMap((part) => part.secrets ?? []);
    // Late: a proxy that is made after the registry may take over the sending of blobs.
    this.config.addSecretFile(
      "config.yml",
      Lazy.stringValue({ produce: () => terraformText(text()) }),
      Lazy.stringValue({
        produce: () =>
          terraformText(secrets.reduce((shown, secret) => shown.split(secret).join("(sensitive)"), text())),
      }),
    );
    for (const file of parts.flatMap((part) => part.files ?? [])) {
      this.config.addSecretFile(file.path, file.content);
    }
    for (const volumeName of parts.flatMap((part) => part.ownedVolumeNames ?? [])) {
      this.config.handOver(volumeName);
    }

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["registry"],
      command: ["serve", `${CONFIG_FOLDER}/current/config.yml`],
      defaultMemoryMiB: 512,
      // Version 3 otherwise sends traces to a collector that is not there, and logs each failure.
      environment: image.majorVersion === 3 ? ["OTEL_TRACES_EXPORTER=none"] : [],
      mounts: [this.config.mountAt(CONFIG_FOLDER), ...parts.flatMap((part) => part.mounts ?? [])],
      networkNames: parts.flatMap((part) => part.networkNames ?? []),
      healthCommand: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5001/debug/health"],
      dependsOn: [this.config.writer, ...parts.flatMap((part) => part.dependsOn ?? [])],
      // The registry reads config.yml at its start only.
      replacedWith: [this.config.writer, ...parts.flatMap((part) => part.restartedBy ?? [])],
    });
  }

  private base(props: RegistryContainerProps, httpSecret: string): RegistryBinding {
    return {
      config: {
        log: {
          level: props.logLevel ?? RegistryLogLevel.WARN,
          formatter: "text",
          fields: { service: "registry" },
          // The proxy logs each request with its client; the registry would only see the proxy.
          accesslog: { disabled: true },
        },
        http: {
          secret: httpSecret,
          draintimeout: `${props.stopGraceSeconds ?? 30}s`,
          headers: { "X-Content-Type-Options": ["nosniff"] },
          debug: { addr: "127.0.0.1:5001" },
        },
        storage: {
          delete: { enabled: props.deleteEnabled ?? false },
          cache: { blobdescriptor: "inmemory" },
          maintenance: { uploadpurging: { enabled: true, age: "168h", interval: "24h", dryrun: false } },
        },
        health: { storagedriver: { enabled: true, interval: "10s", threshold: 3 } },
      },
      secrets: [httpSecret],
    };
  }
}

/** Headers that the registry adds to each of its answers, by name. */
function addedHeaders(parts: RegistryBinding[]): string[] {
  return Object.keys(mergeRegistryConfig(parts.map((part) => part.config)).http?.headers ?? {}).sort();
}
