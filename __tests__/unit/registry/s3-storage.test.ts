import { parse } from "yaml";
import { RegistryContainer, type RegistryContainerProps, RegistryImage, RegistryStorage } from "../../../lib";
import { resources, secret, stackOf, synth } from "../synth";

function config(props: RegistryContainerProps) {
  const synthesised = synth((stack) => new RegistryContainer(stack, "Registry", props));
  const { upload } = resources(synthesised, "docker_container").Registry_Config_Writer;
  return parse(upload.find(({ file }: { file: string }) => file.endsWith("config.yml")).content);
}

describe("storage in a bucket", () => {
  test.each<[string, RegistryContainerProps, object]>([
    [
      "is where and as whom its props say",
      {
        storage: RegistryStorage.s3({
          bucket: "images",
          endpoint: "http://s3.example.com",
          accessKey: "key",
          secretKey: secret("key"),
          rootDirectory: "/registry",
        }),
      },
      {
        storage: {
          redirect: { disable: true },
          s3: {
            bucket: "images",
            region: "us-east-1",
            regionendpoint: "http://s3.example.com",
            secure: false,
            forcepathstyle: true,
            accesskey: "key",
            secretkey: expect.stringContaining("the key"),
            rootdirectory: "/registry",
            chunksize: 10485760,
          },
        },
      },
    ],
    [
      "has settings for what S3 does with the data",
      {
        storage: RegistryStorage.s3({
          bucket: "images",
          region: "eu-central-1",
          pathStyle: true,
          encrypt: true,
          kmsKeyId: "k",
          storageClass: "STANDARD",
          chunkSizeMiB: 20,
          redirect: true,
        }),
      },
      {
        storage: {
          redirect: { disable: false },
          s3: { forcepathstyle: true, encrypt: true, keyid: "k", storageclass: "STANDARD", chunksize: 20971520 },
        },
      },
    ],
  ])("%s", (_, props, expected) => {
    expect(config(props)).toMatchObject(expected);
  });

  const failure = (props: RegistryContainerProps) => () => new RegistryContainer(stackOf(), "Registry", props);

  test.each<[string, RegistryContainerProps, RegExp]>([
    [
      "version 2 is to choose the path style of S3",
      { image: RegistryImage.V2, storage: RegistryStorage.s3({ bucket: "b", region: "r", pathStyle: true }) },
      /storage\.pathStyle .* only version 3/,
    ],
    [
      "a bucket has neither region nor endpoint",
      { storage: RegistryStorage.s3({ bucket: "images" }) },
      /storage\.region is not set, expected the region of the bucket "images"/,
    ],
    [
      "a key of S3 has no secret",
      { storage: RegistryStorage.s3({ bucket: "b", region: "r", accessKey: "k" }) },
      /storage\.secretKey is not set/,
    ],
    [
      "an endpoint of S3 has no scheme",
      { storage: RegistryStorage.s3({ bucket: "b", endpoint: "s3.example.com" }) },
      /storage\.endpoint is "s3\.example\.com", .*write it like "https:\/\/s3\.example\.com"/,
    ],
  ])("fails when %s", (_, props, message) => {
    expect(failure(props)).toThrow(message);
  });
});
