import { invalidInput } from "../core/errors";
import { requireRepositoryPattern } from "../core/repository-pattern";

/**
 * What a user, or everybody, may do in some repositories.
 *
 * Permissions add up, and what none allows is refused. A pattern is a repository's name in which `*` stands for a
 * component or part of one, and `**` for any number of components: `"team-a/**"` is every repository below `team-a/`,
 * `"**"` every repository there is.
 *
 * @example
 * import { HtpasswdUser, Permission } from "cdktf-docker-registry";
 *
 * const users = [
 *   HtpasswdUser.generated("ci", { permissions: [Permission.push("team-a/**"), Permission.pull("base/*")] }),
 *   HtpasswdUser.generated("operator", { permissions: [Permission.all("**")] }),
 * ];
 */
export class Permission {
  /**
   * To read manifests, blobs and tags, and to see the repositories in the catalog.
   *
   * @param repositories patterns, one at least
   * @throws when a pattern fits no name that a repository can have
   */
  public static pull(...repositories: string[]): Permission {
    return new Permission("pull", ["pull"], repositories);
  }

  /**
   * To write; and to pull, as every client looks before it pushes. Overwriting a tag is a push, deleting is not.
   *
   * @param repositories patterns, one at least
   * @throws when a pattern fits no name that a repository can have
   */
  public static push(...repositories: string[]): Permission {
    return new Permission("push", ["pull", "push"], repositories);
  }

  /**
   * To delete manifests and blobs; and to pull, as clients ask for the digest of what they delete.
   *
   * @param repositories patterns, one at least
   * @throws when a pattern fits no name that a repository can have
   */
  public static delete(...repositories: string[]): Permission {
    return new Permission("delete", ["pull", "delete"], repositories);
  }

  /**
   * To pull, push and delete.
   *
   * @param repositories patterns, one at least
   * @throws when a pattern fits no name that a repository can have
   */
  public static all(...repositories: string[]): Permission {
    return new Permission("all", ["pull", "push", "delete"], repositories);
  }

  /**
   * To pull, push and delete, and that of immutable tags too: to move a tag that stays for all others, or to remove it.
   *
   * @param repositories patterns, one at least
   * @throws when a pattern fits no name that a repository can have
   */
  public static overrideImmutable(...repositories: string[]): Permission {
    return new Permission("overrideImmutable", ["pull", "push", "delete", "override"], repositories);
  }

  private constructor(
    name: string,
    /** `"pull"`, `"push"` and `"delete"`; `"override"`, which says that immutable tags are among what may change. */
    public readonly actions: string[],
    /** Patterns of repositories. */
    public readonly repositories: string[],
  ) {
    const where = `Permission.${name}`;
    if (repositories.length === 0) {
      throw invalidInput({
        where,
        field: "repositories",
        got: repositories,
        expected: "one pattern at least",
        fix: `write Permission.${name}("team-a/**"), or Permission.${name}("**") for every repository`,
      });
    }
    for (const pattern of repositories) {
      requireRepositoryPattern(where, pattern);
    }
  }
}
