import type { TestImage } from "../clients/images";
import { SteadyClient } from "../clients/steady-client";
import { SteadyPusher } from "../clients/steady-pusher";
import type { RegistryOnSwarm } from "../stacks/swarm-registry";

/**
 * Clients of `team/app:1` that ask all the time, through nodes whose proxies take requests, until the callback has ended.
 * None of them may fail.
 */
export async function underLoad(
  registry: RegistryOnSwarm,
  image: TestImage,
  nodes: number[],
  act: () => Promise<void>,
  options: { readonly isPushing?: boolean } = {},
): Promise<void> {
  const addresses = nodes.map((node) => registry.swarm.address(node));
  const asked = { ...registry.as("carol"), addresses, perSecond: 10 };
  const url = `https://${registry.host}/v2/team/app`;
  const clients = [
    new SteadyClient(`${url}/manifests/1`, {
      ...asked,
      headers: { ...asked.headers, Accept: "application/vnd.oci.image.manifest.v1+json" },
    }),
    new SteadyClient(`${url}/blobs/${image.layers[1].digest}`, asked),
    new SteadyClient(`${url}/blobs/${image.layers[0].digest}`, { ...asked, method: "HEAD" }),
  ];
  const pushers = options.isPushing === false ? [] : [new SteadyPusher(url, asked)];
  try {
    await act();
  } finally {
    await Promise.all([...clients, ...pushers].map((client) => client.stop()));
  }
  expect([...clients, ...pushers].flatMap<unknown>(({ failures }) => failures)).toEqual([]);
  expect(Math.min(...clients.map(({ answered }) => answered))).toBeGreaterThan(20);
  for (const { finished } of pushers) {
    expect(finished).toBeGreaterThan(0);
  }
}
