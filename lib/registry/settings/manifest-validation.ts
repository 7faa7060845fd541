import type { IConstruct } from "constructs";
import { invalidInput } from "../../core/errors";
import { requireOneOf } from "../../core/validation";
import type { RegistryBinding } from "../registry-part";
import { requireVersion } from "../version";

/** Which images of an index must be in the registry before the index is taken. */
export enum IndexPlatforms {
  /** Every one that the index names. */
  ALL = "all",
  /** None: an index may name images that are not here. */
  NONE = "none",
  /** Those of the platforms in `indexPlatformList`. */
  LIST = "list",
}

/** A platform that images are built for. */
export interface ImagePlatform {
  /** As Go names it: `amd64`, `arm64`, … */
  readonly architecture: string;
  /** As Go names it: `linux`, `windows`, … */
  readonly os: string;
}

/** What a pushed manifest must be like. */
export interface ManifestValidation {
  /**
   * Whether everything is taken that parses.
   *
   * @default false
   */
  readonly disabled?: boolean;

  /**
   * Regular expressions (Go's), one of which each URL of a foreign layer must match.
   *
   * @default - with no denied URLs either: manifests with URLs are refused
   */
  readonly allowedUrls?: string[];

  /**
   * Regular expressions (Go's), none of which the URL of a foreign layer may match.
   *
   * @default - none
   */
  readonly deniedUrls?: string[];

  /**
   * Which images of an index must be here. Version 3 only.
   *
   * @default IndexPlatforms.ALL
   */
  readonly indexPlatforms?: IndexPlatforms;

  /**
   * The platforms, for IndexPlatforms.LIST. Version 3 only.
   *
   * @default - none
   */
  readonly indexPlatformList?: ImagePlatform[];
}

export function bindManifestValidation(
  where: IConstruct,
  validation: ManifestValidation,
  majorVersion: number,
): RegistryBinding {
  const { disabled, allowedUrls, deniedUrls, indexPlatforms, indexPlatformList } = validation;
  requireVersion(where, majorVersion, 3, {
    "manifestValidation.indexPlatforms": indexPlatforms,
    "manifestValidation.indexPlatformList": indexPlatformList,
  });
  requireOneOf(where, "manifestValidation.indexPlatforms", indexPlatforms, Object.values(IndexPlatforms));
  if ((indexPlatforms === IndexPlatforms.LIST) !== (indexPlatformList !== undefined && indexPlatformList.length > 0)) {
    throw invalidInput({
      where,
      field: "manifestValidation.indexPlatformList",
      got: indexPlatformList,
      expected: "platforms where indexPlatforms is IndexPlatforms.LIST, and nothing where it is not",
      fix: 'write both, such as IndexPlatforms.LIST and [{ os: "linux", architecture: "amd64" }]',
    });
  }
  return {
    config: {
      validation: {
        disabled: disabled ?? false,
        manifests: {
          urls: {
            ...(allowedUrls ? { allow: allowedUrls } : {}),
            ...(deniedUrls ? { deny: deniedUrls } : {}),
          },
          ...(indexPlatforms
            ? {
                indexes: {
                  platforms: indexPlatforms,
                  ...(indexPlatformList
                    ? { platformlist: indexPlatformList.map((platform) => ({ ...platform })) }
                    : {}),
                },
              }
            : {}),
        },
      },
    },
  };
}
