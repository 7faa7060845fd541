import type { Request } from "./http";
import { type Descriptor, type PushedImage, Showcase } from "./showcase";

/** Words that would do something in a page that took them for HTML. */
export const HTML = `<img src="/x" onerror="document.title='taken over'"><script>document.title="taken over"</script>`;

/** What tests look for. */
export interface ShowcaseContent {
  readonly index: Descriptor;
  readonly image: PushedImage;
  readonly broken: Descriptor;
}

/** Fills a registry with what people have: services with releases, indexes, a chart, signatures, and oddities. */
export async function fillShowcase(url: string, options: Request): Promise<ShowcaseContent> {
  const showcase = new Showcase(url, options);

  const index = await showcase.index("shop/web", "2.1.0");
  await showcase.tag("shop/web", index, "2.1.0", "2.1", "latest");
  for (const version of ["2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0"]) {
    await showcase.tag("shop/web", await showcase.index("shop/web", version), version);
  }
  const signature = await showcase.artifact(
    "shop/web",
    "application/vnd.dev.cosign.artifact.sig.v1+json",
    "signature.json",
    { subject: index },
  );
  await showcase.tag("shop/web", signature, `${index.digest.replace(":", "-")}.sig`);
  const sbom = await showcase.artifact("shop/web", "application/spdx+json", "sbom.spdx.json", { subject: index });
  const referrers = await showcase.manifest("shop/web", "application/vnd.oci.image.index.v1+json", {
    manifests: [{ ...sbom, artifactType: "application/spdx+json" }],
  });
  await showcase.tag("shop/web", referrers, index.digest.replace(":", "-"));

  const image = await showcase.image("shop/api", {
    labels: {
      "org.opencontainers.image.source": "https://git.example.com/shop/api",
      "org.opencontainers.image.revision": "8f0c2d6b1d4b4f8f9c1a2b3c4d5e6f7081920a1b",
      "org.opencontainers.image.licenses": "Apache-2.0",
    },
    annotations: { "org.opencontainers.image.title": "Shop API" },
  });
  await showcase.tag("shop/api", image, "3.4.2", "stable");
  for (const name of ["shop/scratch", "shop/worker", "data/loader", "data/reports", "public/base", "public/tools"]) {
    await showcase.tag(name, await showcase.image(name, { word: name, created: "2026-10-02T08:00:00Z" }), "1.0.0");
  }
  const chart = await showcase.artifact("charts/shop", "application/vnd.cncf.helm.config.v1+json", "shop-0.4.0.tgz");
  await showcase.tag("charts/shop", chart, "0.4.0");

  const odd = await showcase.image("odd/html", {
    labels: { [HTML]: HTML },
    annotations: { [HTML]: HTML },
    author: HTML,
    steps: [[HTML, 1000]],
  });
  await showcase.tag("odd/html", odd, "1");
  const broken = await showcase.image("odd/broken", { word: "broken" });
  await showcase.tag("odd/broken", broken, "1");
  return { index, image, broken };
}
