import { type TerraformStack, TerraformVariable } from "cdktf";
import { Access, HtpasswdAuth, type HtpasswdAuthProps, HtpasswdUser, type ProxyContext } from "../../../lib";
import { annotations, resolved, resources, stackOf, synth } from "../synth";

/** Users ask nothing of their proxy. */
const NO_CONTEXT = {} as ProxyContext;

const HASH = `$2y$10$${"a".repeat(53)}`;
const hashOfCost = (cost: string) => HASH.replace("$10$", `$${cost}$`);

const users = (props: HtpasswdAuthProps, stack = stackOf()) => new HtpasswdAuth(stack, "Users", props);

const file = (auth: HtpasswdAuth, path: string): string =>
  resolved(auth, auth.bindToProxy(auth, NO_CONTEXT).files?.find((one) => one.path === path)?.content);

const secret = (stack: TerraformStack) =>
  new TerraformVariable(stack, "password", { type: "string", sensitive: true }).stringValue;

describe("users", () => {
  test("may pull and not push, unless more is said", () => {
    const auth = users({
      users: [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")],
    });
    expect(auth.pushUsers).toEqual(["ci"]);
    expect(auth.pullUsers).toEqual(["reader"]);
  });

  test("get a generated password when a name is granted something for the first time", () => {
    const auth = users({});
    auth.grantPull("reader");
    auth.grantPush("ci");
    expect(Object.keys(auth.passwords)).toEqual(["ci", "reader"]);
    expect(auth.pushUsers).toEqual(["ci"]);
  });

  test("keep what they have when less is granted", () => {
    const auth = users({ users: [HtpasswdUser.fromHash("ci", HASH, { access: Access.PUSH })] });
    auth.grantPull("ci");
    expect(auth.pushUsers).toEqual(["ci"]);
  });

  test("who are added after the proxy was made are in its files and in nginx.conf", () => {
    const auth = users({ users: [HtpasswdUser.fromHash("a", HASH)] });
    const binding = auth.bindToProxy(auth, NO_CONTEXT);
    auth.addUser(HtpasswdUser.fromHash("b", HASH, { access: Access.PUSH }));
    expect(binding.nginx.http).toContain('    "b" "b:push";');
    expect(file(auth, "htpasswd")).toMatch(/^b:/m);
  });

  test("come in the order of their names, however they were given", () => {
    const given = ["b", "a", "C"].map((name) => HtpasswdUser.fromHash(name, HASH));
    const names = (list: HtpasswdUser[]) => file(users({ users: list }), "htpasswd").match(/^\w+(?=:\$\{)/gm);
    expect(names(given)).toEqual(["C", "a", "b"]);
    expect(names([...given].reverse())).toEqual(["C", "a", "b"]);
  });

  test("have a hash that is not made anew by each plan", () => {
    const text = synth((stack) => {
      const auth = users({ users: [HtpasswdUser.fromPassword("ci", secret(stack))] }, stack);
      auth.bindToProxy(auth, NO_CONTEXT);
    });
    expect(resources(text, "terraform_data").Users_ci_Hash).toMatchObject({
      triggers_replace: "${sensitive(bcrypt(var.password, 10))}",
      lifecycle: { ignore_changes: ["triggers_replace"] },
    });
  });

  test("have another password when the rotation is another one", () => {
    const text = synth((stack) => {
      users({ users: [HtpasswdUser.generated("ci", { rotation: "2026-11" })] }, stack);
    });
    expect(resources(text, "random_password").Users_ci_Password.keepers).toEqual({ rotation: "2026-11" });
  });

  test("are remembered under a version that follows from their hash alone", () => {
    const auth = users({ users: [HtpasswdUser.generated("ci")] });
    expect(file(auth, "users.versions")).toMatch(/^"ci" "\$\{substr\(sha256\(.*bcrypt_hash\), 0, 16\)\}";\n$/);
  });

  test("cannot be told from made-up names: the decoy's hash costs as much as the dearest of theirs", () => {
    const given = ["10", "12"].map((cost) => HtpasswdUser.fromHash(`u${cost}`, hashOfCost(cost)));
    expect(file(users({ users: given }), "htpasswd")).toMatch(/^-:\$2y\$12\$\.{53}$/m);
  });
});

describe("an htpasswd file that exists", () => {
  test("gives its users, without comments and empty lines", () => {
    const given = HtpasswdUser.fromHtpasswd(`# team\nalice:${HASH}\n\nbob:${HASH}\n`, { access: Access.PUSH });
    expect(given.map(({ name, access }) => [name, access])).toEqual([
      ["alice", "push"],
      ["bob", "push"],
    ]);
  });

  test("fails when its lines end as in Windows", () => {
    expect(() => HtpasswdUser.fromHtpasswd(`alice:${HASH}\r\n`)).toThrow(/CR LF.*dos2unix/);
  });

  test("fails when a line has no colon, and names the line", () => {
    expect(() => HtpasswdUser.fromHtpasswd(`alice:${HASH}\nbob\n`)).toThrow(/line 2 .*name:hash/);
  });
});

describe("fails when", () => {
  test("there are no users", () => {
    expect(() =>
      synth((stack) => {
        users({}, stack);
      }),
    ).toThrow(/nobody can log in without users.*addUser/);
  });

  test.each([
    ["the same", "ci"],
    ["the same but for its case, which nginx would not tell apart", "CI"],
  ])("two names are %s", (_, name) => {
    expect(() => users({ users: [HtpasswdUser.generated("ci"), HtpasswdUser.generated(name)] })).toThrow(
      /users is ".*" ?, expected a name that no other user has.*grantPush/,
    );
  });

  test.each(["a:b", "a\nb", "", "a b", "-a", '"', "ä", "a".repeat(129)])("a name is %p", (name) => {
    expect(() => HtpasswdUser.generated(name)).toThrow(/name is .*, expected 1 to 128 letters/);
  });

  test.each([
    ["an MD5 hash", "$apr1$abcdefgh$0123456789012345678901"],
    ["a SHA hash", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="],
    ["a password", "hunter2"],
    ["cut short", HASH.slice(0, -1)],
    ["followed by a carriage return", `${HASH}\r`],
    ["of a cost that does not exist", hashOfCost("32")],
    ["of the broken variant", HASH.replace("$2y$", "$2x$")],
    ["empty", ""],
  ])("a hash is %s, without repeating it", (_, hash) => {
    const create = () => HtpasswdUser.fromHash("ci", hash);
    expect(create).toThrow(/user "ci": hash is .*, expected a whole bcrypt hash.*htpasswd -nB/);
    if (hash !== "") {
      expect(create).not.toThrow(expect.objectContaining({ message: expect.stringContaining(hash) }));
    }
  });

  test.each(["", "written in the code"])("a password is %p instead of a sensitive variable", (password) => {
    expect(() => HtpasswdUser.fromPassword("ci", password)).toThrow(/password is .*sensitive variable/);
  });

  test.each(['"', "a\nb", "$host", "", "\\", "a".repeat(129)])("the realm is %p", (realm) => {
    expect(() => users({ realm })).toThrow(/realm is .*, expected 1 to 128 letters/);
  });

  test.each([0, 0.5, 1001])("the logins a second are %p", (loginsPerSecond) => {
    expect(() => users({ loginsPerSecond })).toThrow(/loginsPerSecond is .*, expected a whole number from 1 to 1000/);
  });
});

describe("warns when", () => {
  test.each([
    ["09", /cost of "ci" is 9: who gets the hash tries passwords 2 times as fast/],
    ["15", /cost of "ci" is 15: each login burns a core/],
  ])("a hash has the cost %s", (cost, warning) => {
    const stack = stackOf();
    users({ users: [HtpasswdUser.fromHash("ci", hashOfCost(cost))] }, stack);
    expect(annotations(stack)).toEqual([expect.stringMatching(warning)]);
  });

  test.each(["10", "14"])("not when it has the cost %s", (cost) => {
    const stack = stackOf();
    users({ users: [HtpasswdUser.fromHash("ci", hashOfCost(cost))] }, stack);
    expect(annotations(stack)).toEqual([]);
  });

  test("the costs differ, because that tells who is a user", () => {
    const stack = stackOf();
    users({ users: ["10", "12"].map((cost) => HtpasswdUser.fromHash(`u${cost}`, hashOfCost(cost))) }, stack);
    expect(annotations(stack).join()).toMatch(/differ/);
  });
});
