import execa from "execa";
import { images } from "../../environments/images";
import { AccessLog, type AccessLogVolumeProps } from "../../lib";
import { basicAuth, request } from "../../testing/clients/http";
import { Deployment } from "../../testing/machine/deployment";
import { processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { adjustedRegistry } from "../../testing/stacks/adjusted-registry";

const MiB = 1024 * 1024;

/** What lies in a volume of logs, by name. */
async function files(volume: string): Promise<{ [name: string]: string }> {
  const script = 'cd /logs && for f in access.log*; do echo "== $f"; cat "$f"; done';
  const { stdout } = await execa(
    "docker",
    ["run", "--rm", `--volume=${volume}:/logs:ro`, "--entrypoint=sh", images.nginx.reference, "-c", script],
    { maxBuffer: 100 * MiB },
  );
  const parts = stdout.split(/^== (.*)$\n?/m).slice(1);
  return Object.fromEntries(parts.flatMap((name, i) => (i % 2 === 0 ? [[name, parts[i + 1]]] : [])));
}

describe("an access log in a volume", () => {
  let port: number;
  let deployment: Deployment;
  let proxy: string;
  let volume: string;
  let sent = 0;

  const stack = (log: AccessLogVolumeProps) =>
    adjustedRegistry(port, {
      proxy: { accessLog: AccessLog.toVolume({ maxSizeMiB: 1, maxFiles: 20, ...log }) },
    });
  /** A request whose number is in the log, in a line of 2 kB. */
  const send = async (path = "/v2/") => {
    const agent = `request-${sent++}-`.padEnd(2000, "x");
    const { status } = await request(`http://127.0.0.1:${port}${path}`, { headers: { "User-Agent": agent } });
    expect(status).toBe(200);
  };
  const sendUntil = async (isEnough: () => Promise<boolean>) => {
    let done = false;
    const clients = Array.from({ length: 4 }, async () => {
      while (!done) {
        await send();
      }
    });
    try {
      await eventually(async () => expect(await isEnough()).toBe(true), 120000, 1000);
    } finally {
      done = true;
      await Promise.all(clients);
    }
  };
  const logged = async () =>
    [
      ...Object.values(await files(volume))
        .join("")
        .matchAll(/"request-(\d+)-/g),
    ].map(([, number]) => Number(number));

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("accesslog", (app, id) => stack({})(app, id));
    proxy = `${deployment.id}-proxy`;
    volume = `${proxy}-access-log`;
    await deployment.apply();
  });
  afterAll(() => deployment?.cleanUp());

  it("tells of each request the upstream's address and the times", async () => {
    await send("/v2/_catalog");
    const { "access.log": text } = await files(volume);
    expect(text).toMatch(
      /"GET \/v2\/_catalog HTTP\/1\.1" 200 \d+ "request-0-x+" upstream=unix:\S+ request_time=[\d.]+ connect_time=[\d.]+ header_time=[\d.]+ response_time=[\d.]+ request_length=\d+ answered_by=registry$/m,
    );
  });

  it("keeps what a client calls itself in its place", async () => {
    const name = 'eve" [2026-01-01] "GET /v2/ HTTP/1.1" 200 2\nadmin';
    const headers = { Authorization: basicAuth(name, "x"), "User-Agent": "eve" };
    expect((await request(`http://127.0.0.1:${port}/v2/`, { headers })).status).toBe(200);
    const { "access.log": text } = await files(volume);
    const line = text.split("\n").find((one) => one.includes('"eve" upstream='));
    expect(line).toMatch(
      /^[\d.]+ - "eve\\x22 \[2026-01-01\] \\x22GET \/v2\/ HTTP\/1\.1\\x22 200 2\\x0Aadmin" \[[^\]]+\] "GET /,
    );
  });

  it("is not in the engine's log, where errors are", async () => {
    await execa("docker", ["stop", `${deployment.id}-registry`]);
    expect((await request(`http://127.0.0.1:${port}/v2/_catalog`)).status).toBe(502);
    await execa("docker", ["start", `${deployment.id}-registry`]);
    await eventually(() => send("/v2/_catalog"), 20000);
    const { all } = await execa("docker", ["logs", proxy], { all: true });
    expect(all).toMatch(/\[(error|crit)\] .*connect\(\) to unix:\S+ failed/);
    expect(all).not.toContain("request_time=");
  });

  it("begins a new file at its size, and loses no line in between", async () => {
    await sendUntil(async () => Object.keys(await files(volume)).length > 3);
    // Not all files can be read at once: the last of them may just be moved.
    await eventually(
      async () => expect((await logged()).sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, i) => i)),
      10000,
      1000,
    );
    const written = await files(volume);
    console.info(
      `${sent} requests in ${Object.entries(written)
        .map(([name, text]) => `${name} (${(text.length / MiB).toFixed(1)} MiB)`)
        .join(", ")}`,
    );
    for (const [name, text] of Object.entries(written)) {
      // The size is looked at once a second.
      expect(name === "access.log" || text.length >= MiB).toBe(true);
    }
  });

  it("outlives the container", async () => {
    const before = await logged();
    await send();
    await execa("docker", ["rm", "--force", proxy]);
    await deployment.apply();
    await send();
    expect(await logged()).toEqual(expect.arrayContaining([...before, sent - 2, sent - 1]));
  });

  it("takes other limits without a restart, and removes what is over them", async () => {
    const before = await processOf(proxy);
    await deployment.apply(stack({ maxFiles: 2 }));
    await sendUntil(async () => Object.keys(await files(volume)).length === 2);
    await eventually(
      async () => expect(Object.keys(await files(volume))).toEqual(["access.log", "access.log.1"]),
      10000,
      1000,
    );
    expect(await processOf(proxy)).toEqual(before);
  });

  it("is opened again when somebody took it away", async () => {
    await execa("docker", ["exec", proxy, "rm", "/logs/access.log"]);
    await eventually(async () => {
      await send();
      expect(await logged()).toContain(sent - 1);
    }, 20000);
  });

  it("can be in a volume that is there already, and stays in it", async () => {
    const existing = `${deployment.id}-logs`;
    await execa("docker", ["volume", "create", existing]);
    await deployment.apply(stack({ volumeName: existing }));
    await send();
    expect((await files(existing))["access.log"]).toContain(`"request-${sent - 1}-`);
    expect(await deployment.planIsEmpty()).toBe(true);
    await deployment.destroy();
    expect(await deployment.leftovers()).toEqual([{ kind: "volume", name: existing }]);
  });
});
