import { Access, HtpasswdUser, PublicEndpoint } from "../lib";
import { AuthenticatedRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** Users over TLS, checked by the proxy, which remembers them: what most registries should be. */
export const httpsAuth = environment(AuthenticatedRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5445 }),
  alternativeNames: ["127.0.0.1"],
  users: [
    HtpasswdUser.generated("developer", { access: Access.PUSH }),
    HtpasswdUser.generated("reader", { access: Access.PULL }),
  ],
  images,
});
