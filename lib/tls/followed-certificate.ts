import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireDockerName } from "../core/names";
import { isKnown } from "../core/validation";
import type { CertificateFiles, IServerCertificate } from "./server-certificate";

/** Names of the two files, as certbot has them. */
const FULL_CHAIN = "fullchain.pem";
const PRIVATE_KEY = "privkey.pem";

/** A certificate in a folder of the engine's machine. */
export interface CertificateFromFolderProps {
  /**
   * An absolute path on the engine's machine. It must be there; the files may come up to a minute after the deploy has
   * begun. Of certbot's `…/live/<name>`, whose files are links to `../../archive`, the folder above `live` is mounted.
   */
  readonly folder: string;

  /**
   * The server's own certificate first, then its intermediates; relative to `folder`.
   *
   * @default "fullchain.pem"
   */
  readonly certificateFile?: string;

  /**
   * The private key, without a passphrase; relative to `folder`.
   *
   * @default "privkey.pem"
   */
  readonly keyFile?: string;
}

/** A certificate in a volume of the engine, where another container renews it. */
export interface CertificateFromVolumeProps {
  /** Name of the volume. */
  readonly volumeName: string;

  /**
   * The server's own certificate first, then its intermediates; relative to the volume.
   *
   * @default "fullchain.pem"
   */
  readonly certificateFile?: string;

  /**
   * The private key, without a passphrase; relative to the volume.
   *
   * @default "privkey.pem"
   */
  readonly keyFile?: string;
}

/** A certificate of which only the engine's machine knows what it is. */
export class FollowedCertificate extends Construct implements IServerCertificate {
  public static inFolder(scope: Construct, id: string, props: CertificateFromFolderProps): FollowedCertificate {
    const certificate = new FollowedCertificate(scope, id, { folder: props.folder, ...fileNames(props) });
    requireFolder(certificate, props.folder);
    return certificate;
  }

  public static inVolume(scope: Construct, id: string, props: CertificateFromVolumeProps): FollowedCertificate {
    const certificate = new FollowedCertificate(scope, id, { volumeName: props.volumeName, ...fileNames(props) });
    requireDockerName(certificate, "volumeName", props.volumeName);
    return certificate;
  }

  public readonly subjectAlternativeNames = undefined;

  public readonly followedFiles: CertificateFiles;

  private constructor(scope: Construct, id: string, files: CertificateFiles) {
    super(scope, id);
    this.followedFiles = files.folder === undefined ? files : withItsLinks(files, files.folder);
    requireFile(this, "certificateFile", files.certificateFile);
    requireFile(this, "keyFile", files.keyFile);
    if (isKnown(files.keyFile) && files.keyFile === files.certificateFile) {
      throw invalidInput({
        where: this,
        field: "keyFile",
        got: files.keyFile,
        expected: "another file than certificateFile",
        fix: "let your client write certificate and key to a file each",
      });
    }
  }
}

function fileNames(props: { certificateFile?: string; keyFile?: string }): {
  certificateFile: string;
  keyFile: string;
} {
  return { certificateFile: props.certificateFile ?? FULL_CHAIN, keyFile: props.keyFile ?? PRIVATE_KEY };
}

/** certbot's links lead out of their folder, to its neighbour. */
function withItsLinks(files: CertificateFiles, given: string): CertificateFiles {
  if (!isKnown(given)) {
    return files;
  }
  const folder = given.length > 1 ? given.replace(/\/+$/, "") : given;
  const [, above, live] = /^(\/.+)\/(live\/[^/]+)$/.exec(folder) ?? [];
  return above
    ? { folder: above, certificateFile: `${live}/${files.certificateFile}`, keyFile: `${live}/${files.keyFile}` }
    : { ...files, folder };
}

function requireFolder(where: Construct, folder: string): void {
  if (!isKnown(folder)) {
    return;
  }
  if (!/^\/[^/]/.test(folder) || /[\0\n]/.test(folder) || folder.split("/").includes("..")) {
    throw invalidInput({
      where,
      field: "folder",
      got: folder,
      expected: "an absolute path on the engine's machine, below / and without ..",
      fix: 'write it like "/etc/letsencrypt/live/registry.example.com"',
    });
  }
}

function requireFile(where: Construct, field: string, file: string): void {
  if (isKnown(file) && (!/^[^/\s]/.test(file) || /[\0\n]|\/$/.test(file) || file.split("/").includes(".."))) {
    throw invalidInput({
      where,
      field,
      got: file,
      expected: "the path of a file below the folder, without .. in it",
      fix: `write it like "${field === "keyFile" ? PRIVATE_KEY : FULL_CHAIN}"`,
    });
  }
}
