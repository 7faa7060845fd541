import { Access, HtpasswdUser, Permission, PublicEndpoint } from "../lib";
import { AuthenticatedRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** Everybody pulls, a team pushes to repositories of its own, and one user does everything: at one address. */
export const publicRegistry = environment(AuthenticatedRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5449 }),
  // The last one is for mirrors on the same engine, which do not reach published ports.
  alternativeNames: ["127.0.0.1", "public-proxy"],
  everybody: [Permission.pull("**")],
  users: [
    HtpasswdUser.generated("developer", { access: Access.PUSH }),
    HtpasswdUser.generated("team", { permissions: [Permission.push("team/**")] }),
  ],
  images,
});
