import http from "node:http";
import execa from "execa";
import { HeldUploads } from "../../testing/clients/held-uploads";
import { type Request, request } from "../../testing/clients/http";
import { eventually } from "../../testing/machine/eventually";
import { Balancer, type ClientBeside } from "../../testing/servers/balancer";
import type { GuardedRegistry, Guards } from "../../testing/stacks/guarded-registry";

const CONNECTIONS = 64;

/** What `trustedProxies` promises, with a balancer and two clients that have addresses of their own; users are those of the stack. */
export function balancerCases(registryOf: () => GuardedRegistry, guards: Guards): void {
  let balancer: Balancer;
  let one: ClientBeside;
  let other: ClientBeside;

  const ask = (url: string, path: string, options: Request = {}) =>
    request(`${url}${path}`, { ...options, headers: { Host: registryOf().host, ...options.headers } });
  const login = (as: string, password?: string) => ({ Authorization: registryOf().login(as, password) });
  /** The address that the audit has of a request that is refused. */
  const addressInAudit = async (url: string, word: string, forged?: string) => {
    const headers = {
      ...login("reader"),
      "User-Agent": word,
      ...(forged ? { "X-Forwarded-For": forged, "X-Real-IP": forged, Forwarded: `for=${forged}` } : {}),
    };
    expect((await ask(url, "/v2/team/app/blobs/uploads/", { method: "POST", headers })).status).toBe(403);
    const line = await registryOf().inProxy(`grep -h '"client":"${word}"' /audit/audit.log`);
    return JSON.parse(line).address;
  };

  beforeAll(async () => {
    const registry = registryOf();
    balancer = await Balancer.inFrontOf(registry.deployment.id);
    const limits = { connectionsPerAddress: CONNECTIONS, loginsPerSecond: 1 };
    [one, other] = await Promise.all([
      balancer.client("one"),
      balancer.client("other"),
      registry.deployment.apply(registry.stack({ ...guards, ...limits, trustedProxies: [balancer.address] })),
    ]);
    await eventually(
      async () => expect((await ask(one.balanced, "/v2/", { headers: login("ci") })).status).toBe(200),
      5000,
    );
  });

  it("tell who asks: the audit, the access log and the registry have the client's address", async () => {
    expect(new Set([one.address, other.address, balancer.address]).size).toBe(3);
    expect(await addressInAudit(one.balanced, "by-one")).toBe(one.address);
    expect(await addressInAudit(other.balanced, "by-other")).toBe(other.address);
    const { id } = registryOf().deployment;
    // What a registry writes down by default is errors.
    const headers = { ...login("ci"), "User-Agent": "pushes-nonsense", "Content-Type": "text/plain" };
    const nonsense = { method: "PUT", headers, body: "nonsense" };
    expect((await ask(one.balanced, "/v2/other/app/manifests/1", nonsense)).status).toBe(400);
    // Both logs are written in pieces.
    const logged = async (container: string, word: string) => {
      const { all = "" } = await execa("docker", ["logs", "--tail=200", `${id}-${container}`], { all: true });
      return all.split("\n").find((line) => line.includes(word)) ?? "";
    };
    await eventually(async () => {
      expect(await logged("proxy", "by-other")).toMatch(new RegExp(`^${other.address} - "reader" .* 403 `));
      expect(await logged("registry", "pushes-nonsense")).toContain(one.address);
    }, 15000);
  });

  it("are believed alone: what a client claims counts neither past the balancer nor through it", async () => {
    expect(await addressInAudit(one.direct, "forged-direct", "192.0.2.6")).toBe(one.address);
    expect(await addressInAudit(one.balanced, "forged-balanced", "192.0.2.6")).toBe(one.address);
    // Nor does it help to claim that one is the balancer.
    expect(await addressInAudit(one.balanced, "forged-twice", `192.0.2.6, ${balancer.address}`)).toBe(one.address);
  });

  it("have the connections of one client limited, and not those of another", async () => {
    const headers = login("ci");
    const begun = await ask(one.balanced, "/v2/team/app/blobs/uploads/", { method: "POST", headers });
    const where = new URL(String(begun.headers.location));
    const held = new HeldUploads(`${one.balanced}${where.pathname}${where.search}`, CONNECTIONS, {
      ...headers,
      Host: registryOf().host,
      "X-Forwarded-For": "192.0.2.7",
    });
    try {
      const answer = await eventually(async () => {
        const { status, text } = await ask(one.balanced, "/v2/", { headers });
        expect(status).toBe(429);
        return text;
      }, 10000);
      expect(answer).toContain("too many connections from this address");
      expect((await ask(other.balanced, "/v2/", { headers })).status).toBe(200);
      expect((await ask(other.direct, "/v2/", { headers })).status).toBe(200);
    } finally {
      held.abandon();
    }
  });

  it("have the logins of one client limited, and not those of another", async () => {
    await eventually(
      async () => expect((await ask(one.balanced, "/v2/", { headers: login("ci") })).status).toBe(200),
      10000,
    );
    const agent = new http.Agent({ maxSockets: CONNECTIONS });
    let limited = 0;
    const guesses = Array.from({ length: CONNECTIONS - 4 }, (_, i) => {
      const headers = { Host: registryOf().host, ...login("ci", `guess ${i}`), "X-Forwarded-For": `192.0.2.${i}` };
      const guess = http.request(`${one.balanced}/v2/`, { agent, headers }, (answer) => {
        limited += answer.statusCode === 429 ? 1 : 0;
        answer.resume();
      });
      guess.on("error", () => {}).end();
      return guess;
    });
    try {
      await eventually(() => expect(limited).toBeGreaterThan(0), 10000);
      expect((await ask(other.balanced, "/v2/", { headers: login("ci", "a guess") })).status).toBe(401);
    } finally {
      for (const guess of guesses) {
        guess.destroy();
      }
    }
  });
}
