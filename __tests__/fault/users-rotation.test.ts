import { HtpasswdUser, LoginPlace } from "../../lib";
import { basicAuth } from "../../testing/clients/http";
import { SteadyClient } from "../../testing/clients/steady-client";
import { processOf } from "../../testing/machine/engine-objects";
import { freePort } from "../../testing/machine/ports";
import { AuthenticatedRegistry, VARIANTS } from "../../testing/stacks/authenticated-registry";

describe.each(Object.entries(VARIANTS))("one deploy adds, removes and changes users that %s checks", (_, variant) => {
  let registry: AuthenticatedRegistry;
  let steady: SteadyClient;
  let changes: Awaited<ReturnType<AuthenticatedRegistry["deploy"]>>;
  let atOnce: { [login: string]: number };
  const old: { [user: string]: string } = {};
  const processes = () =>
    Promise.all(["registry", "proxy"].map((name) => processOf(`${registry.deployment.id}-${name}`)));
  let before: Awaited<ReturnType<typeof processes>>;

  const status = async (user: string, password: string) =>
    (await registry.get("/v2/", { as: [user, password] })).status;

  beforeAll(async () => {
    registry = new AuthenticatedRegistry({ ...variant, word: `rotate${variant.word}` }, await freePort());
    await registry.deploy();
    before = await processes();
    for (const user of ["ci", "reader"]) {
      old[user] = registry.password(user);
      // Remembered from here on, where logins are remembered.
      expect(await status(user, old[user])).toBe(200);
    }
    const { url, ca } = registry.url("/v2/");
    steady = new SteadyClient(url, {
      ca,
      headers: { Authorization: basicAuth("carol", registry.carol) },
      // The registry takes a tenth of a second of a core for each.
      perSecond: variant.place === LoginPlace.PROXY ? 20 : 2,
    });
    const changed = registry.stack({ added: [HtpasswdUser.generated("new")], removed: "reader", rotation: "2" });
    changes = await registry.deploy(changed);
    atOnce = {
      "new user": await status("new", registry.password("new")),
      "new password": await status("ci", registry.password("ci")),
      "removed user": await status("reader", old.reader),
      "old password": await status("ci", old.ci),
    };
  });
  afterAll(async () => {
    await steady?.stop();
    await registry?.deployment.cleanUp();
  });

  it("lets nobody wait: when it has ended, new logins work and old ones do not", () => {
    expect(atOnce).toEqual({ "removed user": 401, "old password": 401, "new user": 200, "new password": 200 });
  });

  it("fails no request of a user who stays", async () => {
    await steady.stop();
    expect(steady.failures).toEqual([]);
    expect(steady.answered).toBeGreaterThan(10);
  });

  it("replaces no container but config writers", async () => {
    const containers = [...changes.created, ...changes.replaced, ...changes.destroyed].filter((address) =>
      address.startsWith("docker_container."),
    );
    expect(containers).not.toEqual([]);
    expect(containers.filter((address) => !/_Writer_[0-9A-F]+$/.test(address))).toEqual([]);
    expect(await processes()).toEqual(before);
  });

  it("leaves nothing to change", async () => {
    expect(await registry.deployment.planIsEmpty()).toBe(true);
  });
});
