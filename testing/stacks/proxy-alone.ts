import execa from "execa";
import { images } from "../../environments/images";
import type { Deployment } from "../machine/deployment";
import { inspect, processOf } from "../machine/engine-objects";
import { eventually } from "../machine/eventually";

/** The status of a request through the proxy. */
type Ask = () => Promise<number>;

const docker = (...args: string[]) => execa("docker", args);

/** nginx is started while its registry is stopped: it answers 502, and the same process finds the registry when it is there. */
export async function expectProxyToStartAlone({ id }: Deployment, ask: Ask): Promise<void> {
  await docker("stop", `${id}-registry`);
  await docker("restart", `${id}-proxy`);
  const proxy = await processOf(`${id}-proxy`);
  await eventually(async () => expect(await ask()).toBe(502), 20000);
  await docker("start", `${id}-registry`);
  await eventually(async () => expect(await ask()).toBe(200), 20000);
  expect(await processOf(`${id}-proxy`)).toEqual(proxy);
}

/** A registry on a port is made anew and has another address: an nginx that nobody touched finds it. */
export async function expectAnotherAddressToBeFound(deployment: Deployment, ask: Ask): Promise<void> {
  const { id } = deployment;
  const network = `${id}-registry`;
  const address = async () => (await inspect(`${id}-registry`)).NetworkSettings.Networks[network].IPAddress;
  const before = { address: await address(), proxy: await processOf(`${id}-proxy`) };
  expect(await ask()).toBe(200);
  await docker("rm", "--force", `${id}-registry`);
  // Takes the address that has become free.
  const sleep = ["--entrypoint=sleep", images.nginx.reference, "600"];
  await docker("run", "--detach", `--name=${id}-other`, `--network=${network}`, ...sleep);
  try {
    await deployment.apply();
    expect(await address()).not.toBe(before.address);
    await eventually(async () => expect(await ask()).toBe(200), 10000);
    expect(await processOf(`${id}-proxy`)).toEqual(before.proxy);
  } finally {
    await docker("rm", "--force", `${id}-other`);
  }
}
