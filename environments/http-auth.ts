import { Access, HtpasswdUser, LoginPlace, PublicEndpoint } from "../lib";
import { AuthenticatedRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/**
 * Users over plain HTTP, checked by the registry itself: the oldest way, for a machine or a network of one's own.
 * The synth warns of it, because everybody on the way can read the passwords.
 */
export const httpAuth = environment(AuthenticatedRegistryStack, {
  endpoint: PublicEndpoint.http({ host: "localhost", port: 5081 }),
  loginPlace: LoginPlace.REGISTRY,
  users: [
    HtpasswdUser.generated("developer", { access: Access.PUSH }),
    HtpasswdUser.generated("reader", { access: Access.PULL }),
  ],
  images,
});
