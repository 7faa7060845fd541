import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import { terraformText } from "../core/terraform-text";
import {
  SERVICE_UID,
  type ServiceContainerProps,
  serviceContainer,
  type VolumeMount,
} from "../docker/service-container";
import type { CertificateFiles } from "./server-certificate";

/** Where the follower and the proxy mount the volume of the copies. */
export const CERTIFICATES = "/certificates";

/** The link to the pair that is served; both files below it change in one step. */
export const CURRENT_CERTIFICATE = `${CERTIFICATES}/current`;

/** Names of the two files below it. */
export const FOLLOWED_CERTIFICATE = `${CURRENT_CERTIFICATE}/server.crt`;
export const FOLLOWED_KEY = `${CURRENT_CERTIFICATE}/server.key`;

/** Programs that the image must have, beside those of every image here. */
export const FOLLOWER_COMMANDS = ["openssl", "tr", "head"];

/** Files to follow, and for whom. */
export interface CertificateFollowerProps extends ServiceContainerProps {
  /** What is followed. */
  readonly files: CertificateFiles;

  /** Image, by id, with a shell and openssl; nginx' own has both. */
  readonly imageId: string;

  /** Name or address by which clients reach the server: a certificate that is not for it is refused. */
  readonly host: string;
}

/**
 * Copies a certificate that somebody else renews, and its key, to a volume of its own, once they are proven to be usable.
 *
 * The files may be readable by root only: its container is root, may read every file and change the owner of its copies,
 * and has no network. A pair that is refused is not copied: the one of before stays, the container becomes unhealthy, and
 * its log and health check say why in one line.
 */
export class CertificateFollower extends Construct {
  /** The container. */
  public readonly resource: Container;

  /** The volume with the copies. */
  public readonly volume: Volume;

  constructor(scope: Construct, id: string, props: CertificateFollowerProps) {
    super(scope, id);
    const { files } = props;
    this.volume = new Volume(this, "Volume", { name: defaultName(this) });
    this.resource = serviceContainer(this, props, {
      imageId: props.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [terraformText(readFileSync(join(__dirname, "follow-certificate.sh"), "utf8"))],
      environment: [
        `PLACE=${files.folder ?? `the volume ${files.volumeName}`}`,
        `CERTIFICATE_FILE=${files.certificateFile}`,
        `KEY_FILE=${files.keyFile}`,
        `HOST=${props.host}`,
        `OWNER=${SERVICE_UID}`,
      ],
      tmpfs: { "/tmp": "size=4m,mode=1777" },
      defaultMemoryMiB: 64,
      mounts: [
        { volumeName: this.volume.name, containerPath: CERTIFICATES },
        ...(files.volumeName ? [{ volumeName: files.volumeName, containerPath: "/source", readOnly: true }] : []),
      ],
      hostFolders: files.folder ? [{ hostPath: files.folder, containerPath: "/source" }] : undefined,
      rootWith: ["CAP_CHOWN", "CAP_DAC_READ_SEARCH"],
      networkNames: [],
      healthCommand: [
        "CMD-SHELL",
        `! cat ${CERTIFICATES}/problem 2>/dev/null && test -e ${CURRENT_CERTIFICATE} && echo followed`,
      ],
      dependsOn: [],
      replacedWith: [],
    });
  }

  /** How the proxy mounts the copies. */
  public get mount(): VolumeMount {
    return { volumeName: this.volume.name, containerPath: CERTIFICATES, readOnly: true };
  }
}
