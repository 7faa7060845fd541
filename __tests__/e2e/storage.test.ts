import path from "node:path";
import execa from "execa";
import { RegistryStorage } from "../../lib";
import { takenOver } from "../../testing/checks/taken-over";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { S3 } from "../../testing/servers/s3";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";
import { secretVariable } from "../../testing/stacks/secret-variable";

describe.each(Object.entries(VERSIONS))("a registry of %s that keeps its data in S3", (_, registryImage) => {
  const word = `s3v${registryImage.majorVersion}`;
  let host: string;
  let data: string;
  let stack: (redirect?: boolean) => StackFactory;
  let deployment: Deployment;
  let crane: Crane;
  let pulls = 0;

  const pull = async (name: string, image: TestImage) => {
    const pulled = path.join(deployment.directory, `pulled-${pulls++}`);
    await crane.pull(`${host}/${name}`, pulled);
    const digests = await digestsBelow(pulled);
    expect(image.blobs.map(({ digest }) => digest).filter((digest) => !digests.has(digest))).toEqual([]);
  };

  beforeAll(async () => {
    const port = await freePort();
    host = `localhost:${port}`;
    data = scratchDirectory(`${runName(word)}-storage`);
    const s3 = new S3(`${runName(word)}-storage`, data);
    stack = (redirect?: boolean) =>
      composedRegistry(port, (stack) => ({
        image: registryImage,
        storage: RegistryStorage.s3({
          bucket: s3.bucket,
          endpoint: s3.endpoint,
          accessKey: s3.accessKey,
          secretKey: secretVariable(stack, "s3_secret"),
          rootDirectory: "/registry",
          networkNames: [s3.name],
          redirect,
        }),
      }));
    deployment = Deployment.of(word, stack(), { env: { TF_VAR_s3_secret: s3.secretKey } });
    await s3.start();
    await deployment.apply();
    crane = new Crane(deployment.directory);
  });
  afterAll(async () => {
    await deployment?.cleanUp();
    removeDirectory(data);
  });

  it("has nothing to change after its deploy, and shows its key in no plan", async () => {
    const { isEmpty, text } = await deployment.plan();
    expect(isEmpty).toBe(true);
    expect(text).not.toContain('se\\"cr');
  });

  it("takes, gives and deletes an image, also after it was replaced", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [MiB, 30 * MiB, 0] });
    await crane.push(image.directory, `${host}/team/app:1`);
    await execa("docker", ["restart", `${deployment.id}-registry`]);
    await eventually(() => pull("team/app:1", image), 20000);

    const manifest = `http://${host}/v2/team/app/manifests/${image.manifest.digest}`;
    expect((await request(manifest, { address: "127.0.0.1", method: "DELETE" })).status).toBe(202);
    const accept = { Accept: "application/vnd.oci.image.manifest.v1+json" };
    expect((await request(manifest, { address: "127.0.0.1", headers: accept })).status).toBe(404);
  });

  it("takes and gives a layer of 1.5 GB", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "big"), { layers: [1536 * MiB] });
    const started = Date.now();
    await crane.push(image.directory, `${host}/team/big:1`);
    console.info(
      `version ${registryImage.majorVersion}: 1.5 GB to S3 in ${Math.round((Date.now() - started) / 1000)} s`,
    );
    await pull("team/big:1", image);
  });

  it("sends clients to the storage for blobs where that is wanted", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "small"), { layers: [1000] });
    await crane.push(image.directory, `${host}/team/small:1`);
    const blob = () =>
      request(`http://${host}/v2/team/small/blobs/${image.layers[0].digest}`, { address: "127.0.0.1" });
    expect((await blob()).status).toBe(200);
    await deployment.apply(stack(true));
    await takenOver(`${deployment.id}-registry`);
    const { status, headers } = await blob();
    expect(status).toBe(307);
    expect(headers.location).toMatch(/^http:\/\/[^/]+:7070\/images\/registry\/docker\/.*X-Amz-Signature=/);
  });
});
