import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireBothOrNeither } from "../core/key-pair";
import { requireSecret } from "../core/secrets";
import { isKnown, requireHttpUrl } from "../core/validation";
import type { BackupTargetBinding } from "./target-binding";

/** A repository in a bucket of S3, or of anything that speaks like it. */
export interface BackupS3Props {
  /** Name of the bucket. */
  readonly bucket: string;

  /**
   * A folder in the bucket, without slashes at its ends.
   *
   * @default - the bucket's root
   */
  readonly folder?: string;

  /**
   * Address of the storage, with its scheme.
   *
   * @default "https://s3.amazonaws.com"
   */
  readonly endpoint?: string;

  /**
   * The bucket's region.
   *
   * @default - the storage says it
   */
  readonly region?: string;

  /**
   * The key's name.
   *
   * @default - what the machine says of itself, as an IAM role
   */
  readonly accessKey?: string;

  /**
   * The key's secret: a sensitive variable.
   *
   * @default - what the machine says of itself, as an IAM role
   */
  readonly secretKey?: string;

  /**
   * Whether the bucket's name stands in the path instead of the host's name.
   *
   * @default - true where `endpoint` is given
   */
  readonly pathStyle?: boolean;

  /**
   * Networks of the engine that the storage is reached through.
   *
   * @default - a network of the backup's own, for outbound access
   */
  readonly networkNames?: string[];
}

const SECRET_KEY = "s3-secret-key";

/** @see https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html */
export function bindS3Target(where: Construct, props: BackupS3Props): BackupTargetBinding {
  const { accessKey, secretKey, endpoint, region } = props;
  requireHttpUrl(where, "target.endpoint", endpoint);
  requireSecret(where, "target.secretKey", secretKey);
  for (const [field, got] of Object.entries({ bucket: props.bucket, folder: props.folder })) {
    if (isKnown(got) && !/^[\w.-]+(\/[\w.-]+)*$/.test(String(got))) {
      throw invalidInput({
        where,
        field: `target.${field}`,
        got,
        expected: "letters, digits and . _ -, and for a folder slashes between names",
        fix: 'write a name such as "registry-backup"',
      });
    }
  }
  requireBothOrNeither(where, "target", props, "write both, the second as a sensitive variable");
  const server = (endpoint ?? "https://s3.amazonaws.com").replace(/\/+$/, "");
  const usesPath = props.pathStyle ?? endpoint !== undefined;
  return {
    repository: `s3:${[server, props.bucket, props.folder].filter(Boolean).join("/")}`,
    options: ["-o", `s3.bucket-lookup=${usesPath ? "path" : "auto"}`],
    environment: {
      ...(accessKey ? { AWS_ACCESS_KEY_ID: accessKey } : {}),
      ...(region ? { AWS_DEFAULT_REGION: region } : {}),
    },
    ...(secretKey
      ? {
          secretEnvironment: { AWS_SECRET_ACCESS_KEY: SECRET_KEY },
          files: [{ path: SECRET_KEY, content: secretKey }],
        }
      : {}),
    ...(props.networkNames ? { networkNames: props.networkNames } : { reachesOut: true }),
  };
}
