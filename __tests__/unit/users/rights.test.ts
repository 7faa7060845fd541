import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { Testing } from "cdktf";
import {
  Access,
  HtpasswdAuth,
  type HtpasswdAuthProps,
  HtpasswdUser,
  LoginPlace,
  MirrorContainer,
  NginxProxy,
  type NginxProxyProps,
  Permission,
  PrivateRegistry,
  type PrivateRegistryProps,
  PublicEndpoint,
  RegistryContainer,
  SelfSignedCA,
} from "../../../lib";
import { ExistingRegistry } from "../proxy/existing-registry";
import { annotations, resources, reviewed, stackOf, synth } from "../synth";

const endpoint = PublicEndpoint.http({ host: "localhost", port: 5080 });
const HASH = `$2y$10$${"a".repeat(53)}`;
const user = (name: string, ...permissions: Permission[]) => HtpasswdUser.fromHash(name, HASH, { permissions });

const team = user("team", Permission.push("team/**"), Permission.pull("base/*"));
const ci = HtpasswdUser.fromHash("ci", HASH, { access: Access.PUSH });
const reader = HtpasswdUser.fromHash("reader", HASH);

/** A proxy with users; `more` is done to them once the proxy is there. */
function synthUsers(props: HtpasswdAuthProps, more?: (auth: HtpasswdAuth) => void): string {
  return synth((stack) => {
    const auth = new HtpasswdAuth(stack, "Users", props);
    new NginxProxy(stack, "Proxy", {
      endpoint,
      registry: new ExistingRegistry(stack, { address: "registry:5000" }),
      auth,
    });
    more?.(auth);
  });
}

const files = (text: string) => reviewed(text, "Proxy_Config");
const rights = (text: string) => JSON.parse(files(text)["rights.json"]);
const paths = (text: string): string[] =>
  resources(text, "docker_container").Proxy_Config_Writer.upload.map(({ file }: { file: string }) => file);

describe("rights by repository", () => {
  test("are a file that a plan shows, a rule a line", () => {
    const text = synthUsers({ users: [team, ci, reader], everybody: [Permission.pull("public/**")] });
    expect(files(text)["rights.json"]).toBe(`{
  "*": [
    {"repositories": ["public/**"], "allow": ["pull"]}
  ],
  "ci": [
    {"repositories": ["**"], "allow": ["pull", "push", "delete"]}
  ],
  "reader": [
    {"repositories": ["**"], "allow": ["pull"]}
  ],
  "team": [
    {"repositories": ["team/**"], "allow": ["pull", "push"]},
    {"repositories": ["base/*"], "allow": ["pull"]}
  ]
}
`);
    expect(files(text)["nginx.conf"]).toContain("js_import access from access.js;");
  });

  test("that are granted after the proxy was made count", () => {
    const text = synthUsers({ users: [user("a", Permission.pull("x")), reader, ci] }, (auth) => {
      auth.grantPull("a", "b/**", "c");
      auth.grantPush("a", "d/*");
      auth.grantDelete("a", "e");
      auth.grantDelete("reader");
      auth.grantPull("reader");
      auth.grantEverybody(Permission.pull("f"));
    });
    const allow = (...actions: string[]) => ({ allow: ["pull", ...actions] });
    expect(rights(text)).toEqual({
      "*": [{ repositories: ["f"], ...allow() }],
      a: [
        { repositories: ["x"], ...allow() },
        { repositories: ["b/**", "c"], ...allow() },
        { repositories: ["d/*"], ...allow("push") },
        { repositories: ["e"], ...allow("delete") },
      ],
      ci: [{ repositories: ["**"], ...allow("push", "delete") }],
      reader: [
        { repositories: ["**"], ...allow() },
        { repositories: ["**"], ...allow("delete") },
      ],
    });
  });

  test("of a user with permissions only are no more than those, until the short forms are granted", () => {
    const grant = (more?: (auth: HtpasswdAuth) => void) =>
      rights(synthUsers({ users: [user("a", Permission.pull("x"))] }, more)).a;
    expect(grant()).toEqual([{ repositories: ["x"], allow: ["pull"] }]);
    expect(grant((auth) => auth.grantPull("a"))).toContainEqual({ repositories: ["**"], allow: ["pull"] });
    expect(grant((auth) => auth.grantPush("a"))).toContainEqual({
      repositories: ["**"],
      allow: ["pull", "push", "delete"],
    });
  });

  test("leave everything as it was where there are none", () => {
    const text = synthUsers({ users: [ci, reader] }, (auth) => {
      auth.grantPull("reader");
      auth.grantPush("reader");
    });
    expect(files(text)["nginx.conf"]).not.toMatch(/js_|load_module/);
    expect(paths(text).map((file) => file.replace("/staged/", ""))).toEqual([
      "htpasswd",
      "logins.conf",
      "nginx.conf",
      "users.versions",
    ]);
    expect(resources(text, "random_password")).toEqual({});
  });

  test("come with a key for tokens that no plan shows, unless tokens are not wanted", () => {
    const withTokens = synthUsers({ users: [team] });
    expect(Object.keys(resources(withTokens, "random_password"))).toEqual(["Users__TokenKey"]);
    expect(files(withTokens)["credentials.json"]).toBeUndefined();
    expect(paths(withTokens)).toContain("/staged/credentials.json");
    expect(files(withTokens)["nginx.conf"]).toContain("location = /token {");
    const without = synthUsers({ users: [team], tokens: false });
    expect(resources(without, "random_password")).toEqual({});
    expect(files(without)["nginx.conf"]).not.toContain("location = /token");
    const wanted = synthUsers({ users: [ci], tokens: true });
    expect(files(wanted)["nginx.conf"]).toContain("location = /token {");
  });

  test("are decided by the proxy too where the registry checks the users, without tokens", () => {
    const text = synth((stack) => {
      const auth = new HtpasswdAuth(stack, "Users", { users: [team], tokens: false });
      const registry = new RegistryContainer(stack, "Registry", { auth });
      new NginxProxy(stack, "Proxy", { endpoint, registry });
    });
    expect(rights(text).team).toHaveLength(2);
    expect(files(text)["nginx.conf"]).toContain("proxy_set_header Authorization $http_authorization;");
  });

  test("for everybody to write are warned of", () => {
    const stack = stackOf();
    new HtpasswdAuth(stack, "Users", { users: [ci], everybody: [Permission.all("scratch/**"), Permission.pull("**")] });
    expect(annotations(stack)).toEqual([
      expect.stringContaining("everybody who reaches the port may push and delete, without a login"),
    ]);
  });
});

describe("rights by repository fail", () => {
  test.each(["grantPull", "grantPush", "grantDelete"] as const)("when %s names somebody unknown", (grant) => {
    const auth = new HtpasswdAuth(stackOf(), "Users", { users: [team] });
    expect(() => auth[grant]("Team", "x")).toThrow(`${grant} is "Team", expected the name of a user (there are: team)`);
  });

  test.each(["grantPull", "grantPush", "grantDelete"] as const)("when %s has a pattern that fits nothing", (grant) => {
    const auth = new HtpasswdAuth(stackOf(), "Users", { users: [team] });
    expect(() => auth[grant]("team", "../x")).toThrow(/repositories is "\.\.\/x", expected a pattern/);
    expect(() => auth[grant]("team", "")).toThrow(/repositories is "", expected a pattern/);
  });

  test("when somebody may push to a mirror", () => {
    const mirrorWith = (props: HtpasswdAuthProps) =>
      synth((stack) => {
        const registry = new MirrorContainer(stack, "Mirror", { upstream: { url: "https://registry.example.com" } });
        new NginxProxy(stack, "Proxy", { endpoint, registry, auth: new HtpasswdAuth(stack, "Users", props) });
      });
    expect(() => mirrorWith({ users: [team] })).toThrow(/takes no pushes, and "team" is a user who may push\. Fix/);
    expect(() => mirrorWith({ users: [reader], everybody: [Permission.push("x")] })).toThrow(
      /takes no pushes, and everybody may push\. Fix/,
    );
    expect(() => mirrorWith({ users: [reader], everybody: [Permission.pull("**")] })).not.toThrow();
  });

  test("when everybody is to do something where the registry checks the users, or where there are no tokens", () => {
    const atRegistry = (props: HtpasswdAuthProps) =>
      synth((stack) => {
        const auth = new HtpasswdAuth(stack, "Users", props);
        new NginxProxy(stack, "Proxy", { endpoint, registry: new RegistryContainer(stack, "Registry", { auth }) });
      });
    expect(() => atRegistry({ users: [ci], everybody: [Permission.pull("**")] })).toThrow(
      /everybody may do something, which cannot be had where the registry checks the users.*Fix: let the proxy check them \(NginxProxy's auth, or LoginPlace\.PROXY\)/,
    );
    expect(() => atRegistry({ users: [ci], tokens: true })).toThrow(
      /tokens is true, which cannot be had where the registry/,
    );
    expect(() => synthUsers({ users: [ci], everybody: [Permission.pull("**")], tokens: false })).toThrow(
      /tokens is false, expected true or nothing where everybody may do something/,
    );
  });

  test("when a private registry has no users, or the wrong place for them", () => {
    const registryWith = (props: Partial<PrivateRegistryProps>) =>
      new PrivateRegistry(stackOf(), "Default", { endpoint, everybody: [Permission.pull("**")], ...props });
    expect(() => registryWith({})).toThrow(/everybody is "permissions", expected nothing where there are no users/);
    expect(() => registryWith({ users: [ci], loginPlace: LoginPlace.REGISTRY })).toThrow(
      /everybody is "permissions", expected nothing where the registry checks.*LoginPlace\.PROXY/,
    );
  });

  test("when a token's realm would be a name that is not the proxy's", () => {
    const proxyWith = (users: HtpasswdUser[], props: Partial<NginxProxyProps>) => {
      const stack = stackOf();
      new TlsProvider(stack, "Tls");
      new NginxProxy(stack, "Proxy", {
        endpoint: PublicEndpoint.https({ host: "registry.example.com" }),
        certificate: new SelfSignedCA(stack, "CA").issueCertificate("Server", {
          dnsNames: ["registry.example.com", "*.example.org"],
          ipAddresses: ["192.0.2.1"],
        }),
        registry: new ExistingRegistry(stack, { address: "registry:5000" }),
        auth: new HtpasswdAuth(stack, "Users", { users }),
        ...props,
      });
      return Testing.synth(stack, true);
    };
    const foreign = { otherHostNames: ["a.example.org", "192.0.2.1", "registry.example.net"] };
    expect(() => proxyWith([team], foreign)).toThrow(
      /otherHostNames has "registry\.example\.net", which the certificate is not for .*: tokens could not be fetched there\. Fix/,
    );
    expect(() => proxyWith([ci], foreign)).not.toThrow();
    const own = { otherHostNames: ["a.example.org", "192.0.2.1"] };
    expect(JSON.parse(files(proxyWith([team], own))["realm.json"]).names).toEqual([
      "registry.example.com",
      "a.example.org",
      "192.0.2.1",
    ]);
  });
});
