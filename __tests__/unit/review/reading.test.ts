import { readPlan } from "../../../review/model/plan-review";
import { registryWords } from "../../../review/words/docker-registry";
import { changed, configurationOf, planOf } from "./plans";

const read = (...parameters: Parameters<typeof planOf>) =>
  readPlan({ environment: "production", plan: planOf(...parameters), configuration: {}, words: [registryWords] });

const port = (ip: string, external = 5443) => ({ ip, external, internal: 8443, protocol: "tcp" });
const proxy = { entrypoint: ["/bin/sh"], command: ["nginx -c /config/current/nginx.conf"] };

/** The files of `P` have other lines. */
const rewritten = (before: object, after: object) => [
  changed("docker_container.P_Writer_00000000", { actions: ["delete", "create"], before: {}, after: {} }),
  changed("terraform_data.P_Review_00000000", { actions: ["delete", "create"], before, after }),
];

describe("a plan as people read it", () => {
  test("names a construct by its path, and by its address where the code has it no more", () => {
    const plan = planOf(
      changed("x_y.Proxy_Config_11111111", { before: { a: "1" }, after: { a: "2" } }),
      changed("x_y.Old_Data_22222222", { actions: ["delete"], before: {} }),
    );
    const configuration = configurationOf({ "x_y.Proxy_Config_11111111": "production/Default/Proxy/Config/Resource" });
    const { changes } = readPlan({ environment: "production", plan, configuration });
    expect(changes.map(({ path }) => path)).toEqual(["Old/Data", "Proxy/Config"]);
  });

  test("tells what is lost, then what stays so, then what is over when the deploy is", () => {
    const ports = (ip: string, external: number) => ({ ...proxy, ports: [port(ip, external)] });
    const { changes } = read(
      changed("docker_container.A_Proxy_11111111", {
        actions: ["delete", "create"],
        before: proxy,
        after: { ...proxy, image: "another" },
      }),
      changed("docker_container.B_Proxy_22222222", {
        actions: ["delete", "create"],
        before: ports("127.0.0.1", 1),
        after: ports("127.0.0.1", 2),
      }),
      changed("docker_container.C_Proxy_33333333", {
        actions: ["delete", "create"],
        before: ports("127.0.0.1", 3),
        after: ports("0.0.0.0", 4),
      }),
    );
    expect(changes.map(({ path }) => path)).toEqual(["C/Proxy", "B/Proxy", "A/Proxy"]);
    expect(changes[0].findings.map(({ text }) => text.slice(0, 24))).toEqual([
      "Opened to other machines",
      "Clients that use port 3 ",
      "Connections are refused ",
    ]);
  });

  test("names each argument that forces a replacement", () => {
    const { changes } = read(
      changed("x_y.a", {
        actions: ["delete", "create"],
        before: { a: "1", b: "1" },
        after: { a: "2", b: "2" },
        replace_paths: [["a"], ["list", 0, "b"]],
      }),
    );
    expect(changes[0]).toMatchObject({ action: "replace", forcedBy: ["a", "list"] });
  });

  test.each<[string, object, object, object, string[]]>([
    ["another value", { a: "1" }, { a: "2" }, {}, ['a: "1" → "2"']],
    ["nothing, in two ways of saying so", { a: "", b: 0, c: [], d: null }, { a: null, b: null, c: null }, {}, []],
    ["a value that only the deploy knows and nobody wrote", { id: "1" }, {}, { id: true }, []],
    ["one block of several", { b: [{ x: 1 }, { x: 2 }] }, { b: [{ x: 1 }, { x: 3 }] }, {}, ["b.x: 2 → 3"]],
    ["a block less", { b: [{ x: 1 }, { x: 2 }] }, { b: [{ x: 1 }] }, {}, ["b: { x: 2 } → (not set)"]],
    ["a part of an object", { o: { a: 1, b: 1 } }, { o: { a: 1, b: 2 } }, {}, ["o.b: 1 → 2"]],
    ["another order", { l: ["a", "b"] }, { l: ["b", "a"] }, {}, ['l: "a", "b" → "b", "a"']],
    ["false and true", { a: true }, { a: false }, {}, ["a: true → false"]],
    ["a number that is not zero any more", { a: 0 }, { a: 5 }, {}, ["a: 0 → 5"]],
  ])("tells %s", (_, before, after, after_unknown, expected) => {
    const { changes } = read(changed("x_y.a", { before, after, after_unknown }));
    expect((changes[0]?.attributes ?? []).map((one) => `${one.name}: ${one.before} → ${one.after}`)).toEqual(expected);
  });

  test.each<[string, string, string, string]>([
    ["127.0.0.1", "0.0.0.0", "danger", "Opened to other machines"],
    ["127.0.0.1", "10.0.0.1", "danger", "Opened to other machines"],
    ["10.0.0.1", "0.0.0.0", "danger", "Opened to other machines"],
    ["127.0.0.1", "", "danger", "Opened to other machines"],
    ["0.0.0.0", "127.0.0.1", "notice", "Closed to other machines"],
  ])("weighs a port that moves from %s to %s", (was, is, severity, text) => {
    const { changes } = read(
      changed("docker_container.a", {
        actions: ["delete", "create"],
        before: { ...proxy, ports: [port(was)] },
        after: { ...proxy, ports: [port(is)] },
      }),
    );
    expect(changes[0].severity).toBe(severity);
    expect(changes[0].findings.map((one) => one.text).join()).toContain(text);
  });

  test.each<[string, object, string]>([
    ["mounted where a registry keeps its images", {}, "All images are lost"],
    ["in memory", { driver_opts: { type: "tmpfs" } }, "It holds a socket only"],
  ])("weighs the loss of a volume: %s", (_, extra, text) => {
    const mounted = "driver_opts" in extra ? "/run/registry" : "/var/lib/registry";
    const registry = { command: ["registry serve"], volumes: [{ container_path: mounted, volume_name: "v" }] };
    const { changes } = read(
      changed("docker_container.r", { actions: ["no-op"], before: registry, after: registry }),
      changed("docker_volume.v", { actions: ["delete"], before: { name: "v", ...extra } }),
    );
    expect(changes[0].findings[0].text).toContain(text);
  });

  test.each([
    [
      "that no longer asks users",
      'map $login_name $user {\n  "ci" "ci:push";\n}',
      "",
      "danger",
      "Users are no longer asked",
    ],
    [
      "that asks users from now on",
      "",
      'map $login_name $user {\n  "ci" "ci:push";\n}',
      "notice",
      "Everybody has to log in",
    ],
    [
      "with a user less",
      'map $login_name $user {\n  "ci" "ci:push";\n  "a" "a:pull";\n}',
      'map $login_name $user {\n  "ci" "ci:push";\n}',
      "notice",
      "User a can no longer log in",
    ],
  ])("weighs an nginx.conf %s", (_, before, after, severity, text) => {
    const files = (conf: string) => ({ triggers_replace: { "nginx.conf": conf.split("\n") } });
    const { changes } = read(...rewritten(files(before), files(after)));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ path: "P", action: "update", severity });
    expect(changes[0].findings.map((one) => one.text).join()).toContain(text);
  });

  test.each([
    [
      "a user's",
      '"ci": [{"repositories": ["a"], "allow": ["pull"]}]',
      '"ci": [{"repositories": ["b"], "allow": ["pull", "push"]}]',
      "notice",
      "User ci may pull, push in b from now on (before: pull in a)",
    ],
    [
      "everybody's",
      '"a": []',
      '"*": [{"repositories": ["**"], "allow": ["pull"]}], "a": []',
      "danger",
      "Everybody, without a login, may pull in ** from now on (before: nothing)",
    ],
  ])("weighs another right: %s", (_, before, after, severity, text) => {
    const files = (rights: string) => ({ triggers_replace: { "rights.json": [`{${rights}}`] } });
    const { changes } = read(...rewritten(files(before), files(after)));
    expect(changes[0].severity).toBe(severity);
    expect(changes[0].findings.map((one) => one.text).join()).toContain(text);
  });

  test.each([
    ["gone", '{"repositories": ["a"], "tags": ["v*"]}', "", "danger", "Tags v* in a are not immutable any more"],
    ["new", "", '{"repositories": ["a"], "tags": ["v*"]}', "notice", "Tags v* in a are immutable from now on"],
  ])("weighs immutable tags: %s", (_, before, after, severity, text) => {
    const files = (rules: string) => ({ triggers_replace: { "immutable-tags.json": [`[${rules}]`] } });
    const { changes } = read(...rewritten(files(before), files(after)));
    expect(changes[0].severity).toBe(severity);
    expect(changes[0].findings.map((one) => one.text).join()).toContain(text);
  });

  test.each([
    [
      "lower",
      '"maxMiB": 20, "maxTags": 5',
      '"maxMiB": 10, "maxTags": 5',
      "a quota of 10 MiB and 5 tags (before: 20 MiB and 5 tags): where more",
    ],
    ["higher", '"maxMiB": 20', '"maxMiB": 30', "a quota of 30 MiB (before: 20 MiB)."],
    ["new", "", '"maxTags": 5', "a quota of 5 tags (before: none): where more"],
    ["gone", '"maxTags": 5', "", "no quota any more (before: 5 tags)"],
  ])("names quotas: %s", (_, before, after, text) => {
    const files = (limits: string) => ({
      triggers_replace: { "quotas.json": [limits ? `[{"repositories": "a/**", ${limits}}]` : "[]"] },
    });
    const { changes } = read(...rewritten(files(before), files(after)));
    expect(changes[0].severity).toBe("notice");
    expect(changes[0].findings.map((one) => one.text).join()).toContain(`Repositories a/** have ${text}`);
  });

  test("knows that users whose rights come from a script are asked on", () => {
    const { changes } = read(
      changed("docker_container.P_Writer_00000000", { actions: ["delete", "create"], before: {}, after: {} }),
      changed("terraform_data.P_Review_00000000", {
        actions: ["delete", "create"],
        before: { triggers_replace: { "nginx.conf": ['map $login_name $user {\n  "ci" "ci:push";\n}'] } },
        after: { triggers_replace: { "nginx.conf": ["js_set $access access.verdict;"] } },
      }),
    );
    expect(changes[0].severity).not.toBe("danger");
  });

  test.each([
    ["later", "2027-06-30", "2028-06-30", "danger", "User a expires at 2028-06-30 (before: at 2027-06-30)"],
    ["earlier", "2028-06-30", "2027-06-30", "notice", "User a expires at 2027-06-30 (before: at 2028-06-30)"],
    ["new", "", "2027-06-30", "notice", "User a expires at 2027-06-30 (before: never)"],
    ["gone", "2027-06-30", "", "danger", "User a does not expire any more (before: at 2027-06-30)"],
  ])("weighs an expiry: %s", (_, before, after, severity, text) => {
    const files = (moment: string) => ({ triggers_replace: { "expiries.json": [moment && `{"a": "${moment}"}`] } });
    const { changes } = read(...rewritten(files(before), files(after)));
    expect(changes[0].severity).toBe(severity);
    expect(changes[0].findings.map((one) => one.text).join()).toContain(text);
  });

  test("tells a CA with another key from one that is renewed", () => {
    const ca = { is_ca_certificate: true };
    const renewed = changed("tls_self_signed_cert.CA_00000000", {
      actions: ["delete", "create"],
      before: ca,
      after: ca,
    });
    const key = changed("tls_private_key.CA_PrivateKey_00000000", {
      actions: ["delete", "create"],
      before: {},
      after: {},
    });
    expect(read(renewed).changes[0].severity).toBe("notice");
    expect(read(renewed, key).changes[0]).toMatchObject({ path: "CA", severity: "danger" });
  });

  test("finds a protection that ends, which changes no resource", () => {
    const plan = { output_changes: { data_protected: { actions: ["update" as const], before: true, after: false } } };
    expect(readPlan({ environment: "production", plan, configuration: {} }).changes[0]).toMatchObject({
      path: "data_protected",
      severity: "danger",
    });
  });

  test("takes the loss of what may hold data of any provider for dangerous", () => {
    const { changes } = read(
      changed("aws_db_instance.a", { actions: ["delete", "create"], before: {}, after: {} }),
      changed("aws_instance.a", { actions: ["delete", "create"], before: {}, after: {} }),
    );
    expect(changes.map(({ type, severity }) => [type, severity])).toEqual([
      ["aws_db_instance", "danger"],
      ["aws_instance", "notice"],
    ]);
  });
});

describe("a construct under another id", () => {
  const gone = (address: string, name: string) => changed(address, { actions: ["delete"], before: { name } });
  const made = (address: string, name: string) =>
    changed(address, { actions: ["create"], before: null, after: { name } });

  test("is found with all its resources, and the names that were made of the id", () => {
    const { findings } = read(
      gone("docker_volume.Registry_Data_00000001", "p-registry-data"),
      gone("docker_network.Registry_Network_00000002", "p-registry"),
      made("docker_volume.Store_Data_00000003", "p-store-data"),
      made("docker_network.Store_Network_00000004", "p-store"),
    );
    expect(findings).toHaveLength(1);
    expect(findings[0].text).toContain("Store looks like Registry under another id");
    expect(findings[0].fix).toContain(
      'moved {\n  from = docker_volume.Registry_Data_00000001\n  to   = docker_volume.Store_Data_00000003 # name: "p-registry-data"\n}',
    );
  });

  test("is seen alone only where its arguments are the same", () => {
    const volume = (driver: string) => ({ name: driver, driver });
    const pair = (from: string, to: string) =>
      read(
        changed("docker_volume.Old_00000001", { actions: ["delete"], before: volume(from) }),
        changed("docker_volume.New_00000002", { actions: ["create"], before: null, after: volume(to) }),
      ).findings.length;
    expect([pair("local", "local"), pair("local", "nfs")]).toEqual([1, 0]);
  });

  test("is not seen where types differ, or where two things have little in common", () => {
    const { findings } = read(
      gone("docker_volume.Registry_Data_00000001", "a"),
      made("docker_network.Store_Data_00000003", "b"),
      made("docker_volume.Other_Place_Logs_00000004", "c"),
    );
    expect(findings).toEqual([]);
  });
});
