import { Annotations } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireImageReference } from "../docker/image-reference";

/**
 * An image of the distribution registry together with the version of config.yml that it reads.
 *
 * Versions 2 and 3 differ in some keys, and a registry that is given the other's panics at start: so the version is never guessed from the tag.
 *
 * @see https://distribution.github.io/distribution/about/configuration/
 *
 * @example
 * import { RegistryContainer, RegistryImage } from "cdktf-docker-registry";
 *
 * const image = RegistryImage.of("mirror.example.com/library/registry:3.1.1", 3);
 * const registry = new RegistryContainer(stack, "Registry", { image });
 */
export class RegistryImage {
  /** Distribution 3.1 from its maintainers; before 3.1.1, tags could be deleted where deletes are off. */
  public static readonly V3 = RegistryImage.of("registry:3.1", 3);

  /** Distribution 2.8 from its maintainers. */
  public static readonly V2 = RegistryImage.of("registry:2.8", 2);

  /**
   * An image of your own, or a pinned version; it needs a shell, wget and the small tools, as the maintainers' image has them.
   *
   * @param reference `[host[:port]/]repository[:tag][@digest]`
   * @param majorVersion 2 or 3: which config.yml the registry inside reads
   * @throws when the reference does not parse or the version is neither 2 nor 3
   */
  public static of(reference: string, majorVersion: number): RegistryImage {
    requireImageReference("RegistryImage", reference);
    if (majorVersion !== 2 && majorVersion !== 3) {
      throw invalidInput({
        where: "RegistryImage",
        field: "majorVersion",
        got: majorVersion,
        expected: "2 or 3",
        fix: "run `registry --version` in the image and write its first number",
      });
    }
    return new RegistryImage(reference, majorVersion);
  }

  private constructor(
    /** The reference as Docker takes it. */
    public readonly reference: string,
    /** 2 or 3. */
    public readonly majorVersion: number,
  ) {}
}

/** Whoever may push to such a registry deletes tags, whatever `deleteEnabled` says. */
export function warnAboutTagDeletes(scope: IConstruct, { reference }: RegistryImage): void {
  if (/:v?3\.(0(\.\d+)?|1\.0)(-[\w.]+)?(@|$)/.test(reference)) {
    Annotations.of(scope).addWarning(
      `the registry in ${reference} deletes tags although deletes are off. Fix: use 3.1.1 or later, or set deleteEnabled: true if that is wanted.`,
    );
  }
}
