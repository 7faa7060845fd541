import { ContainerImage, RegistryImage } from "../../../lib";

/** Said here and not taken from environments/: what is tested must not depend on the machine. */
export const images = {
  registry: RegistryImage.V3,
  registryV2: RegistryImage.V2,
  nginx: ContainerImage.NGINX,
  redis: ContainerImage.REDIS,
};
