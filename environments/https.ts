import { PublicEndpoint } from "../lib";
import { HttpsRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** TLS with a certificate of the environment's own CA, without users. */
export const https = environment(HttpsRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5444 }),
  alternativeNames: ["127.0.0.1"],
  images,
});
