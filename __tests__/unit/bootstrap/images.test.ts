import { IMAGES } from "../../../bootstrap/images";
import { ContainerImage, RegistryImage } from "../../../lib";

describe("the images that the bootstrap pulls", () => {
  const upstream = IMAGES.map((image) => image.upstream);

  test("are the defaults of the library", () => {
    const { NGINX, REDIS, RESTIC, PROMETHEUS } = ContainerImage;
    const defaults = [RegistryImage.V3, RegistryImage.V2, NGINX, REDIS, RESTIC, PROMETHEUS].map(
      ({ reference }) => reference,
    );
    expect(upstream).toEqual(defaults);
  });

  test("name a minor version, so that no deploy changes the major one", () => {
    expect(upstream.filter((reference) => !/:v?\d+\.\d+/.test(reference))).toEqual([]);
  });
});
