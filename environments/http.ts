import { PublicEndpoint } from "../lib";
import { HttpRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** Plain HTTP without users, for a machine or a network that nobody else reaches. */
export const http = environment(HttpRegistryStack, {
  endpoint: PublicEndpoint.http({ host: "localhost", port: 5080 }),
  images,
});
