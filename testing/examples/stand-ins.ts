import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { Crane } from "../clients/clients";
import { TestImage } from "../clients/images";
import { eventually } from "../machine/eventually";
import { freePort } from "../machine/ports";
import { S3 } from "../servers/s3";
import type { ExampleClient } from "./client";

/** What an example needs of the world outside, in a container on a network of this engine. */
export interface StandIn {
  /** What a person types while the commands run, by the variables that hold it then. */
  readonly typed: { readonly [variable: string]: string };

  /** The program, as it finds the stand-in. */
  adapt(source: string): string;

  /** Fails where the deployed registry does not do what the example is for. */
  check(client: ExampleClient): Promise<void>;
}

/** `name`: of the container and the network. */
export async function standInOf(example: string, name: string, directory: string): Promise<StandIn | undefined> {
  const start = { mirror: upstreamRegistry, s3: bucket }[example];
  return start?.(name, directory);
}

/** A registry with one image, for Docker Hub: what was pulled once comes when it is gone, too. */
async function upstreamRegistry(name: string, directory: string): Promise<StandIn> {
  const port = await freePort();
  await execa("docker", ["network", "create", name]);
  const published = ["--network", name, "--publish", `127.0.0.1:${port}:5000`];
  const config = '{"version": 0.1, "storage": {"inmemory": {}}, "http": {"addr": ":5000"}}';
  const serve = `echo '${config}' >/tmp/config.yml && exec registry serve /tmp/config.yml`;
  const run = ["run", "--detach", "--name", name, ...published, "--entrypoint", "sh"];
  await execa("docker", [...run, images.registry.reference, "-c", serve]);
  const image = await TestImage.create(path.join(directory, "upstream-image"), { layers: [1000] });
  await eventually(() => new Crane(directory).push(image.directory, `localhost:${port}/team/app:1`), 20000);
  return {
    typed: {},
    adapt: (source) => source.replace(/(url: )"https:[^"]*"/, `$1"http://${name}:5000", networkNames: ["${name}"]`),
    check: async (client) => {
      await client.pull(image, "team/app:1");
      await execa("docker", ["stop", "--time", "1", name]);
      // A client may have its last byte before the copy is written.
      await eventually(() => client.pull(image, "team/app:1"), 30000);
    },
  };
}

async function bucket(name: string, directory: string): Promise<StandIn> {
  const s3 = new S3(name, directory, "eu-central-1");
  await s3.start();
  return {
    typed: { TF_VAR_secret_key: s3.secretKey },
    adapt: (source) => source.replace("region,", `region, endpoint: "${s3.endpoint}", networkNames: ["${name}"],`),
    check: async (client) => {
      await client.pushAndPull();
      const blobs = path.join(directory, "s3-data", s3.bucket, "docker", "registry", "v2", "blobs");
      if (!fs.existsSync(blobs)) {
        throw new Error("what was pushed is not in the bucket");
      }
    },
  };
}
