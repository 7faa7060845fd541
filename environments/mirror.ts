import { PublicEndpoint } from "../lib";
import { MirrorRegistryStack } from "../stacks";
import { deployedUpstream } from "./deployed-upstream";
import { environment } from "./environment";
import { images } from "./images";

/** What `local` has, for as long as it is asked for; deploy `local` first. */
export const mirror = environment(MirrorRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5448 }),
  alternativeNames: ["127.0.0.1"],
  upstream: deployedUpstream("local", "reader"),
  readers: ["reader"],
  // Copies can be fetched again.
  protectData: false,
  images,
});
