import { setTimeout as sleep } from "node:timers/promises";
import { AuditLog } from "../../lib";
import { DockerClient } from "../../testing/clients/clients";
import { HeldUploads } from "../../testing/clients/held-uploads";
import { SmallImages } from "../../testing/clients/small-images";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { AuditedRun, type AuditLine } from "../../testing/rounds/audited-run";
import { GuardedRegistry, type Guards } from "../../testing/stacks/guarded-registry";
import { immutableTagCases, RULES } from "./immutable-tag-cases";
import { QUOTAS, quotaCases } from "./quota-cases";

const MiB = 1024 * 1024;

/** Requests of one login that are in progress at a time. */
const LOGIN_LIMIT = 64;

/** Version 2 has its turn in soak/guard: what is tried here is nginx's. */
let registry: GuardedRegistry;
let app: SmallImages;
const guards: Guards = {
  immutableTags: RULES,
  quotas: QUOTAS,
  auditLog: AuditLog.toVolume({ maxSizeMiB: 1 }),
  connectionsPerLogin: LOGIN_LIMIT,
};

beforeAll(async () => {
  registry = new GuardedRegistry("guard", await freePort(), guards);
  await registry.deployment.apply();
  app = await SmallImages.in(registry, "team/app");
});
afterAll(() => registry?.cleanUp());

describe("quotas", () => {
  quotaCases(() => registry);

  it("make docker say why, and the audit too", async () => {
    const docker = new DockerClient(registry.deployment.directory);
    await docker.login(registry.host, { user: "ci", password: registry.password });
    const name = `${registry.host}/few/app:more`;
    await docker.run(["import", "-", name], "\0".repeat(1024));
    try {
      await expect(docker.push(name)).rejects.toThrow(
        "denied: the quota of few/** is 3 tags, and 3 are there: delete some, or ask for more",
      );
    } finally {
      await docker.remove(name);
    }
    const refused = (await registry.inProxy("grep 'the quota of' /audit/audit.log"))
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(refused.pop()).toMatchObject({
      audit: "push",
      result: "denied",
      user: "ci",
      repository: "few/app",
      reference: "more",
    });
    expect(refused.find(({ repository }) => repository === "small/c")).toMatchObject({
      reason: expect.stringContaining("20 MiB"),
    });
  });
});

describe("immutable tags", () => {
  immutableTagCases(() => ({ registry, app }));
  it("make docker say why", async () => {
    const docker = new DockerClient(registry.deployment.directory);
    await docker.login(registry.host, { user: "ci", password: registry.password });
    const name = `${registry.host}/team/app:v-race-0`;
    // A file system without files, as a tar.
    await docker.run(["import", "-", name], "\0".repeat(1024));
    try {
      await expect(docker.push(name)).rejects.toThrow(
        "denied: the tag v-race-0 of team/app is immutable and there already, as sha256:",
      );
    } finally {
      await docker.remove(name);
    }
  });
});

describe("the limit of a login", () => {
  const status = async (as: string, password?: string) =>
    (await registry.ask("/v2/", { as: "", headers: { Authorization: registry.login(as, password) } })).status;

  it("is of the password, so that nobody uses it up for another one", async () => {
    const { headers } = await registry.ask("/v2/team/app/blobs/uploads/", { method: "POST" });
    const upload = new URL(String(headers.location));
    const hold = (password?: string) =>
      new HeldUploads(upload.href, LOGIN_LIMIT + 10, { Authorization: registry.login("ci", password) });
    const strangers = hold("guessed");
    await sleep(500);
    expect(await status("ci")).toBe(200);
    strangers.abandon();
    const own = hold();
    try {
      await eventually(async () => expect(await status("ci")).toBe(429), 10000);
      expect([await status("reader"), await status("ci", "guessed")]).toEqual([200, 401]);
    } finally {
      own.abandon();
    }
    await eventually(async () => expect(await status("ci")).toBe(200), 10000);
  });
});

describe("the guards of a registry", () => {
  const path = (digestOrTag: string) => `/v2/team/app/manifests/${digestOrTag}`;
  /** How long a change of the deployment took, on this machine and today. */
  let changeMs: number;

  it("are in an audit with each push, delete and refusal once, over a reload and a rotation", async () => {
    const run = new AuditedRun(registry, app, "v-race-0");
    // Nearly full: it is rotated in the middle of the run.
    await registry.inProxy(`head -c ${MiB - 50_000} /dev/zero | tr '\\0' '\\n' >>/audit/audit.log`);
    let isDeployed = false;
    const began = Date.now();
    const changed = registry.stack({ ...guards, robotUntil: new Date(Date.now() + 24 * 3600 * 1000) });
    await Promise.all([
      registry.deployment.apply(changed).finally(() => {
        isDeployed = true;
        changeMs = Date.now() - began;
      }),
      run.run(1000, () => isDeployed),
    ]);
    expect(await registry.inProxy("ls /audit")).toContain("audit.log.1");
    const text = await registry.inProxy("cat /audit/audit.log.1 /audit/audit.log");
    const lines: AuditLine[] = text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line)]));
    const told = lines.filter(({ client }) => client.startsWith("run-"));
    const found = told.map(({ client, audit, result, user, reference, status }) => [
      client,
      { audit, result, user, reference, status },
    ]);
    expect(found.sort()).toEqual([...run.expected].sort());
    expect(told.find(({ status }) => status === 401)).toMatchObject({
      claimed: "ci",
      reason: "wrong name or password",
    });
    expect(told.find(({ status, user }) => status === 403 && user === "ci")?.reason).toContain("is immutable");
    for (const secret of [registry.password, registry.login("ci").slice(6), "not the password", "Basic", "Bearer"]) {
      expect(text).not.toContain(secret);
    }
    console.info(`${run.count} requests, ${told.length} lines`);
  });

  it("and a robot that expires is refused while it works, and others are not", async () => {
    const robotUntil = new Date(Date.now() + changeMs + 3000);
    await registry.deployment.apply(registry.stack({ ...guards, robotUntil }));
    expect(Date.now()).toBeLessThan(robotUntil.getTime());
    const token = await registry.bearer("robot", "repository:team/app:pull,push");
    const expiry = robotUntil.getTime();
    const wrong: unknown[] = [];
    const work = async (who: string, headers: Record<string, string> = {}) => {
      for (let i = 0; Date.now() < expiry + 6000; i++) {
        const began = Date.now();
        const manifest = app.manifest(`${who} ${i}`);
        const type = { "Content-Type": "application/vnd.oci.image.manifest.v1+json" };
        const as = who.split(" ")[0];
        const pushed = await registry.ask(path(`of-${as}`), {
          method: "PUT",
          as,
          headers: { ...type, ...headers },
          body: manifest,
        });
        const pulled = await registry.ask("/v2/team/app/tags/list", { as, headers });
        const [isOver, isSure] = [as === "robot" && began > expiry + 1000, Math.abs(began - expiry) > 1000];
        if (isSure && (pushed.status !== (isOver ? 403 : 201) || pulled.status !== (isOver ? 403 : 200))) {
          wrong.push([who, began - expiry, pushed.status, pulled.status, pulled.text]);
        }
        await sleep(50);
      }
    };
    await Promise.all([
      work("robot"),
      work("robot with a token", { Authorization: token }),
      work("ci"),
      work("keeper"),
    ]);
    expect(wrong).toEqual([]);
    const refused = await registry.ask("/v2/", { as: "robot" });
    expect(refused.text).toContain("robot has expired, at 20");
    await expect(registry.bearer("robot", "repository:team/app:pull")).rejects.toThrow(/403 .*robot has expired/);
    const guessed = await registry.ask("/v2/", { headers: { Authorization: registry.login("robot", "guessed") } });
    expect([guessed.status, guessed.text]).toEqual([401, expect.not.stringContaining("expired")]);
    const { isEmpty, text } = await registry.deployment.plan();
    expect(isEmpty).toBe(true);
    expect(text).toContain("User robot has expired and is refused");
  });
});
