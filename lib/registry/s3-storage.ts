import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireBothOrNeither } from "../core/key-pair";
import { requireSecret } from "../core/secrets";
import { requireHttpUrl, requireWholeNumber } from "../core/validation";
import type { RegistryBinding } from "./registry-part";
import { requireVersion } from "./version";

/** A registry that keeps its data in a bucket of S3, or of anything that speaks like it. */
export interface S3StorageProps {
  /** Name of the bucket; it must be there. */
  readonly bucket: string;

  /**
   * The bucket's region; Amazon's needs it.
   *
   * @default "us-east-1" where `endpoint` is given
   */
  readonly region?: string;

  /**
   * Address of the storage, with its scheme.
   *
   * @default - Amazon's, in the bucket's region
   */
  readonly endpoint?: string;

  /**
   * The key's name.
   *
   * @default - what the machine says of itself, as an IAM role
   */
  readonly accessKey?: string;

  /**
   * The key's secret: a sensitive variable, as what is written in the code is in the synth output.
   *
   * @default - what the machine says of itself, as an IAM role
   */
  readonly secretKey?: string;

  /**
   * A folder in the bucket for the registry's data.
   *
   * @default - the bucket's root
   */
  readonly rootDirectory?: string;

  /**
   * Whether the bucket's name stands in the path instead of the host's name. Version 3 only: version 2 writes it there
   * where `endpoint` is given.
   *
   * @default - true where `endpoint` is given
   */
  readonly pathStyle?: boolean;

  /**
   * Whether the storage encrypts what it keeps.
   *
   * @default false
   */
  readonly encrypt?: boolean;

  /**
   * The key that it encrypts with.
   *
   * @default - the storage's own
   */
  readonly kmsKeyId?: string;

  /**
   * As the storage names them, such as `STANDARD` or `REDUCED_REDUNDANCY`; `NONE` for storages that have no classes.
   *
   * @default - the storage's own
   */
  readonly storageClass?: string;

  /**
   * Size of the parts that a blob is sent in, in MiB. A blob has 10,000 parts at most, and each upload holds one in memory.
   *
   * @default 10
   */
  readonly chunkSizeMiB?: number;

  /**
   * Whether clients are sent to the storage for blobs, with an address that is signed for a while.
   * They must then reach it under the same name as the registry does.
   *
   * @default false: clients need to reach the registry only
   */
  readonly redirect?: boolean;

  /**
   * Networks of the engine that the storage is reached through.
   *
   * @default - a network of the registry's own, for outbound access
   */
  readonly networkNames?: string[];
}

/** The block `storage.s3` of config.yml. */
export function bindS3(where: Construct, props: S3StorageProps, majorVersion: number): RegistryBinding {
  requireVersion(where, majorVersion, 3, { "storage.pathStyle": props.pathStyle });
  requireHttpUrl(where, "storage.endpoint", props.endpoint);
  requireWholeNumber(where, "storage.chunkSizeMiB", props.chunkSizeMiB, { min: 5, max: 5120, example: 10 });
  requireSecret(where, "storage.secretKey", props.secretKey);
  const { region, endpoint, accessKey, secretKey } = props;
  if (region === undefined && endpoint === undefined) {
    throw invalidInput({
      where,
      field: "storage.region",
      got: region,
      expected: `the region of the bucket "${props.bucket}", or the endpoint of a storage that is not Amazon's`,
      fix: 'write a region such as "eu-central-1", or an endpoint such as "https://s3.example.com"',
    });
  }
  requireBothOrNeither(where, "storage", props, "write both, as sensitive values");
  return {
    config: {
      storage: {
        redirect: { disable: !props.redirect },
        s3: {
          bucket: props.bucket,
          region: region ?? "us-east-1",
          ...(endpoint ? { regionendpoint: endpoint, secure: !endpoint.startsWith("http://") } : {}),
          ...(majorVersion >= 3 && (endpoint || props.pathStyle !== undefined)
            ? { forcepathstyle: props.pathStyle ?? true }
            : {}),
          ...(accessKey ? { accesskey: accessKey, secretkey: secretKey } : {}),
          ...(props.rootDirectory ? { rootdirectory: props.rootDirectory } : {}),
          ...(props.encrypt === undefined ? {} : { encrypt: props.encrypt }),
          ...(props.kmsKeyId ? { keyid: props.kmsKeyId } : {}),
          ...(props.storageClass ? { storageclass: props.storageClass } : {}),
          chunksize: (props.chunkSizeMiB ?? 10) * 1024 * 1024,
        },
      },
    },
    secrets: secretKey ? [secretKey] : [],
    ...(props.networkNames ? { networkNames: props.networkNames } : { reachesOut: true }),
  };
}
