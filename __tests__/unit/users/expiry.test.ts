import { Access, HtpasswdAuth, HtpasswdUser, NginxProxy, Permission, PublicEndpoint } from "../../../lib";
import { ExistingRegistry } from "../proxy/existing-registry";
import { reviewed, secret, synth } from "../synth";

const HASH = `$2y$10$${"a".repeat(53)}`;
const user = (expiresAt?: string, name = "robot") =>
  HtpasswdUser.fromHash(name, HASH, { access: Access.PUSH, expiresAt });
const synthUsers = (...users: HtpasswdUser[]) =>
  synth((stack) => {
    const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });
    const registry = new ExistingRegistry(stack, { address: "registry:5000" });
    new NginxProxy(stack, "Proxy", { endpoint, registry, auth: new HtpasswdAuth(stack, "Users", { users }) });
  });

describe("a user who expires", () => {
  test("is in a file that a plan shows, and keeps the rights of before", () => {
    const text = synthUsers(user("2027-06-30T00:00:00Z"), user(undefined, "ci"));
    const files = reviewed(text, "Proxy_Config");
    expect(files["expiries.json"]).toBe('{\n  "robot": "2027-06-30T00:00:00Z"\n}\n');
    expect(JSON.parse(files["rights.json"])).toEqual({
      ci: [{ repositories: ["**"], allow: ["pull", "push", "delete"] }],
      robot: [{ repositories: ["**"], allow: ["pull", "push", "delete"] }],
    });
    expect(text).not.toContain("TokenKey");
  });

  test("is warned of by each plan, from two weeks before", () => {
    const { check, locals } = JSON.parse(synthUsers(user("2027-06-30T00:00:00Z")));
    const [[local, moment]] = Object.entries(locals);
    expect(moment).toBe("2027-06-30T00:00:00Z");
    const [{ assert }] = Object.values<{ assert: { condition: string; error_message: string }[] }>(check);
    expect(assert.map(({ condition }) => condition)).toEqual([
      `\${timecmp(plantimestamp(), local.${local}) < 0}`,
      `\${timecmp(timeadd(plantimestamp(), "336h"), local.${local}) < 0}`,
    ]);
    expect(assert[0].error_message).toBe(
      "User robot has expired and is refused. Fix: give it a later expiresAt, or remove it.",
    );
  });

  test("can expire at a moment that only the deploy knows", () => {
    const { locals } = JSON.parse(synthUsers(user(secret("moment"))));
    expect(Object.values(locals)).toEqual(['${sensitive("the moment")}']);
  });

  test("costs others nothing", () => {
    const text = synthUsers(user());
    expect(JSON.parse(text).check).toBeUndefined();
    expect(Object.keys(reviewed(text, "Proxy_Config"))).not.toContain("expiries.json");
    const withRights = synthUsers(HtpasswdUser.fromHash("team", HASH, { permissions: [Permission.pull("a")] }));
    expect(Object.keys(reviewed(withRights, "Proxy_Config"))).not.toContain("expiries.json");
  });

  test.each([
    "",
    "tomorrow",
    "2027-06-30",
    "2027-06-30T00:00:00",
    "2027-06-30T00:00:00+02:00",
    "2027-06-31T00:00:00Z",
    "2027-13-01T00:00:00Z",
  ])("expires at a moment that there is: %p", (expiresAt) => {
    expect(() => user(expiresAt)).toThrow(/user "robot": expiresAt is .*expected a moment in UTC that there is. Fix: /);
  });
});
