import { images } from "../../environments/images";
import { Permission } from "../../lib";
import { pushManifests } from "../../testing/clients/small-content";
import { SteadyClient } from "../../testing/clients/steady-client";
import { processOf } from "../../testing/machine/engine-objects";
import { freePort } from "../../testing/machine/ports";
import { RightsRegistry } from "../../testing/stacks/rights-registry";

describe("a deploy that takes rights away and gives others, under load", () => {
  const Accept = "application/vnd.oci.image.manifest.v1+json";
  const variant = { word: "rightschange", atRegistry: false, image: images.registry };
  let registry: RightsRegistry;
  const steady: { [who: string]: SteadyClient } = {};
  let changes: Awaited<ReturnType<RightsRegistry["deploy"]>>;
  let plan: string;
  let after: { [what: string]: number };
  let processes: unknown[];

  const running = () =>
    Promise.all(["registry", "proxy"].map((name) => processOf(`${registry.deployment.id}-${name}`)));
  const status = async (where: string, authorization?: string, method = "GET") => {
    const headers = { Accept, ...(authorization ? { Authorization: authorization } : {}) };
    return (await registry.ask(where, { method, headers })).status;
  };

  beforeAll(async () => {
    registry = new RightsRegistry(variant, await freePort());
    await registry.deploy();
    const manifests: { [repository: string]: string } = {};
    for (const name of ["public/app", "team-a/app", "team-b/app"]) {
      const options = { ca: registry.ca, headers: { Authorization: registry.basic("admin") } };
      const [path] = await pushManifests({ url: `${registry.url}/v2/${name}`, options }, 1, name);
      manifests[name] = `/v2/${name}${path}`;
    }
    const scopes = ["team-a/app", "team-b/app"].map((name) => `repository:${name}:pull,push`);
    const team = await registry.bearer("team", ...scopes);
    const admin = await registry.bearer("admin", ...scopes);
    const nobody = await registry.bearer(undefined, "repository:public/app:pull");
    const client = (where: string, Authorization?: string) =>
      new SteadyClient(`${registry.url}${where}`, {
        ca: registry.ca,
        headers: { Accept, ...(Authorization ? { Authorization } : {}) },
      });
    processes = await running();
    steady["admin with a password"] = client(manifests["team-a/app"], registry.basic("admin"));
    steady["admin with a token"] = client(manifests["team-a/app"], admin);
    steady["reader with a password"] = client(manifests["team-b/app"], registry.basic("reader"));
    steady["team, who only loses pushes there"] = client(manifests["team-a/app"], team);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const push = "/v2/team-a/app/blobs/uploads/";
    expect(await status(push, team, "POST")).toBe(202);
    expect(await status(manifests["public/app"], nobody)).toBe(200);
    const changed = registry.stack({
      team: [Permission.pull("team-a/**"), Permission.push("team-b/**")],
      everybody: [Permission.pull("public/other")],
    });
    plan = (await registry.deployment.plan(changed)).text;
    changes = await registry.deploy(changed);
    // Not after five seconds, but at once: a deploy ends when what it changes counts.
    after = {
      "the token of before pushes": await status(push, team, "POST"),
      "the token of before pulls": await status(manifests["team-a/app"], team),
      "the password pushes": await status(push, registry.basic("team"), "POST"),
      "the password pushes to what is new": await status(
        push.replace("team-a", "team-b"),
        registry.basic("team"),
        "POST",
      ),
      "a token of nobody of before pulls": await status(manifests["public/app"], nobody),
      "nobody pulls": await status(manifests["public/app"]),
    };
  });
  afterAll(async () => {
    await Promise.all(Object.values(steady).map((one) => one.stop()));
    await registry?.cleanUp();
  });

  it("refuses those who lose theirs at once, with tokens of before too", () => {
    expect(after).toEqual({
      "the token of before pushes": 403,
      "the token of before pulls": 200,
      "the password pushes": 403,
      "the password pushes to what is new": 202,
      "a token of nobody of before pulls": 401,
      "nobody pulls": 401,
    });
  });

  it("fails no request of those who keep theirs", async () => {
    for (const [who, one] of Object.entries(steady)) {
      await one.stop();
      expect({ who, failures: one.failures }).toEqual({ who, failures: [] });
      expect(one.answered).toBeGreaterThan(20);
    }
  });

  it("shows the changed rules in its plan, and restarts nothing", async () => {
    expect(plan).toMatch(
      /[-~+] .*\{\\"repositories\\": \[\\"team-b\/\*\*\\"\], \\"allow\\": \[\\"pull\\", \\"push\\"\]\}/,
    );
    const containers = [...changes.created, ...changes.replaced, ...changes.destroyed].filter((address) =>
      address.startsWith("docker_container."),
    );
    expect(containers).not.toEqual([]);
    expect(containers.filter((address) => !/_Writer_[0-9A-F]+$/.test(address))).toEqual([]);
    expect(await running()).toEqual(processes);
    expect(await registry.deployment.planIsEmpty()).toBe(true);
  });
});
