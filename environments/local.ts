import { Access, HtpasswdUser, PublicEndpoint } from "../lib";
import { AuthenticatedRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** The registry that `npm start` brings up: for trying things out, gone without a trace after `npm stop`. */
export const local = environment(AuthenticatedRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5443 }),
  // The last one is for mirrors on the same engine, which do not reach published ports.
  alternativeNames: ["127.0.0.1", "local-proxy"],
  users: [
    HtpasswdUser.generated("developer", { access: Access.PUSH }),
    HtpasswdUser.generated("reader", { access: Access.PULL }),
  ],
  redisCache: true,
  browser: true,
  images,
  protectData: false,
});
