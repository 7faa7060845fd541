import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ContainerImage, RegistryImage } from "../lib";
import type { RegistryImages } from "../stacks";

/** Pulled from an image registry. */
const upstream: RegistryImages = {
  registry: RegistryImage.V3,
  registryV2: RegistryImage.V2,
  nginx: ContainerImage.NGINX,
  redis: ContainerImage.REDIS,
  restic: ContainerImage.RESTIC,
  prometheus: ContainerImage.PROMETHEUS,
};

/** Built by the bootstrap on a machine that reaches no image registry; see images/. */
const homeMade: RegistryImages = {
  registry: RegistryImage.of("cdktf-docker-registry/registry:3.1", 3),
  registryV2: RegistryImage.of("cdktf-docker-registry/registry:2.8", 2),
  nginx: ContainerImage.of("cdktf-docker-registry/nginx:1.26"),
  redis: ContainerImage.of("cdktf-docker-registry/redis:8.0"),
  restic: ContainerImage.of("cdktf-docker-registry/restic:0.18"),
  prometheus: ContainerImage.of("cdktf-docker-registry/prometheus:2.53"),
};

/**
 * The set that the bootstrap found or made on this machine. It decides once and writes the answer down,
 * so that no plan changes with the network of the day.
 */
export const images: RegistryImages = imageSource() === "home-made" ? homeMade : upstream;

function imageSource(): string {
  const file = join(__dirname, "image-source.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).source : "upstream";
}
