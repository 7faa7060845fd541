import { PublicEndpoint } from "../lib";
import { HttpRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** The registry that `npm start` brings up: for trying things out, gone without a trace after `npm stop`. */
export const local = environment(HttpRegistryStack, {
  endpoint: PublicEndpoint.http({ host: "localhost", port: 5443 }),
  images,
  protectData: false,
});
