import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { LoginPlace } from "../users/login-place";
import { requireCertificateOfCa, requireUsersBesideEverybody } from "./checks";
import type { PrivateRegistryProps } from "./private-registry-props";

/** What would be ignored without a word. */
export function requireSoundProps(where: Construct, props: PrivateRegistryProps): void {
  const { backup, everybody, loginPlace, redisCache, redisOptions, users } = props;
  if (backup !== undefined && props.upstream !== undefined) {
    throw invalidInput({
      where,
      field: "backup",
      got: "a backup",
      expected: "none of a mirror, whose copies come again by themselves",
      fix: "back its upstream up, and leave backup out",
    });
  }
  requireCertificateOfCa(where, props);
  if (loginPlace !== undefined && users === undefined) {
    throw invalidInput({
      where,
      field: "loginPlace",
      got: loginPlace,
      expected: "nothing where there are no users",
      fix: "give users, or leave loginPlace out",
    });
  }
  requireUsersBesideEverybody(where, props);
  if (everybody?.length && loginPlace === LoginPlace.REGISTRY) {
    throw invalidInput({
      where,
      field: "everybody",
      got: "permissions",
      expected: "nothing where the registry checks the users: it asks each request for a password",
      fix: "leave loginPlace out, or set it to LoginPlace.PROXY",
    });
  }
  if (redisOptions !== undefined && redisCache === undefined) {
    throw invalidInput({
      where,
      field: "redisOptions",
      got: "options",
      expected: "none without a Redis",
      fix: "set redisCache to true, or leave redisOptions out",
    });
  }
}
