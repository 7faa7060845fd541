import { TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { ContainerImage, RegistryImage } from "../../../lib";
import { warnAboutMovingTag } from "../../../lib/docker/image-reference";
import { annotations, stackOf } from "../synth";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("an image reference", () => {
  test.each([
    "nginx",
    "registry:3",
    "library/redis:8",
    "localhost/nginx",
    "localhost:5000/nginx:stable",
    "registry.example.com/infra/nginx:1.28",
    "registry.example.com:8443/a/b/c",
    "[2001:db8::1]:5000/nginx",
    "my_org/my__image/a-b.c:V1.0_rc-1",
    `nginx@${DIGEST}`,
    `registry.example.com/nginx:1.28@${DIGEST}`,
  ])("may be %p", (reference) => {
    expect(ContainerImage.of(reference).reference).toBe(reference);
  });

  test("may be known to the deploy only", () => {
    const variable = new TerraformVariable(stackOf(), "image", {});
    expect(() => ContainerImage.of(variable.stringValue)).not.toThrow();
  });

  test.each([
    "",
    "NGINX",
    "nginx:",
    "nginx:a b",
    ":3",
    "/nginx",
    "nginx/",
    "a//b",
    "-nginx",
    "nginx_",
    "a___b",
    "https://registry.example.com/nginx",
    "registry.example.com:port/nginx",
    "nginx@sha256:1234",
    `nginx:${"t".repeat(129)}`,
  ])("fails when it is %p", (reference) => {
    expect(() => ContainerImage.of(reference)).toThrow(
      `ContainerImage: reference is ${JSON.stringify(reference)}, expected an image reference, [host[:port]/]repository[:tag][@digest] with the repository in lower case. Fix: write it as \`docker pull\` takes it, such as registry:3 or registry.example.com/infra/nginx:1.28.`,
    );
  });
});

describe("an image of the registry", () => {
  test("knows the version of its configuration", () => {
    expect(RegistryImage.of("registry.example.com/distribution", 2).majorVersion).toBe(2);
    expect(RegistryImage.V3).toMatchObject({ reference: "registry:3.1", majorVersion: 3 });
    expect(RegistryImage.V2).toMatchObject({ reference: "registry:2.8", majorVersion: 2 });
  });

  test.each([1, 4, 3.1, "3"])("fails when the version is %p", (version) => {
    expect(() => RegistryImage.of("registry:3", version as number)).toThrow(
      `RegistryImage: majorVersion is ${JSON.stringify(version)}, expected 2 or 3. Fix: run \`registry --version\` in the image and write its first number.`,
    );
  });

  test("fails when its reference does not parse", () => {
    expect(() => RegistryImage.of("Registry:3", 3)).toThrow(/^RegistryImage: reference is "Registry:3"/);
  });
});

describe("a tag that moves", () => {
  const warnings = (reference: string) => {
    const scope = new Construct(stackOf(), "Registry");
    warnAboutMovingTag(scope, reference);
    return annotations(scope);
  };

  test.each(["nginx", "nginx:latest", "localhost:5000/nginx"])("is warned about: %s", (reference) => {
    expect(warnings(reference)).toEqual([expect.stringMatching(`image ${reference} has no fixed version.*Fix`)]);
  });

  test.each(["registry:3", "nginx:stable", `nginx@${DIGEST}`, `nginx:latest@${DIGEST}`])("is not: %s", (reference) => {
    expect(warnings(reference)).toEqual([]);
  });
});
