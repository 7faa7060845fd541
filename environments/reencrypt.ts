import { Access, HtpasswdUser, PublicEndpoint } from "../lib";
import { ReencryptedRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** TLS up to the registry itself, which also checks its users: for networks that nobody trusts. */
export const reencrypt = environment(ReencryptedRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5446 }),
  alternativeNames: ["127.0.0.1"],
  users: [
    HtpasswdUser.generated("developer", { access: Access.PUSH }),
    HtpasswdUser.generated("reader", { access: Access.PULL }),
  ],
  images,
});
