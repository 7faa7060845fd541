import { HtpasswdUser } from "../../../../../lib";
import { cachedLogin } from "../../../../../lib/proxy/conf/logins/cached-login";
import { decoyEntry } from "../../../../../lib/proxy/conf/logins/decoy";
import { loginServer } from "../../../../../lib/proxy/conf/logins/login-server";

const users = {
  realm: "Team registry",
  pushUsers: ["ci"],
  pullUsers: ["reader", "alice@example.com"],
  passwordHashes: {},
  bcryptCost: 10,
  loginsPerSecond: 7,
};
const text = (lines: string[] | undefined) => (lines ?? []).join("\n");

/** The `name { … }` of lines that are indented by four spaces a level. */
function blockOf(lines: string[] | undefined, head: string): string {
  const start = (lines ?? []).indexOf(`${head} {`);
  const end = (lines ?? []).indexOf("}", start);
  return text(lines?.slice(start, end + 1));
}

describe("users that the proxy checks", () => {
  const { http, server, registry } = cachedLogin(users, false);

  test("are told from others by their exact name", () => {
    expect(blockOf(http, "map $login_name $user")).toBe(
      [
        "map $login_name $user {",
        '    "ci" "ci:push";',
        '    "reader" "reader:pull";',
        '    "alice@example.com" "alice@example.com:pull";',
        "    default '';",
        "}",
      ].join("\n"),
    );
    expect(blockOf(http, 'map "$login_name:$user" $user_access')).toContain("'~^([^:]+):\\1:push$' push;");
  });

  test.each([
    ["pull GET", "granted"],
    ["pull HEAD", "granted"],
    ["pull OPTIONS", "granted"],
    ["pull POST", "denied"],
    ["pull PUT", "denied"],
    ["pull PATCH", "denied"],
    ["pull DELETE", "denied"],
    ["pull GETX", "denied"],
    ["push PUT", "granted"],
    [" GET", "unknown"],
    [" PUT", "unknown"],
  ])("with access and method %p are %s by the map", (request, expected) => {
    const map = blockOf(http, 'map "$user_access $request_method" $login_check');
    const found = [...map.matchAll(/'~(.*)' (\w+);/g)].find(([, pattern]) => new RegExp(pattern).test(request));
    expect(found?.[2] ?? /default (\w+);/.exec(map)?.[1]).toBe(expected);
  });

  test.each(["default", "hostnames", "include", "volatile"])("may be called %s, a word of nginx's maps", (name) => {
    const named = cachedLogin({ ...users, pullUsers: [name] }, false);
    expect(blockOf(named.http, "map $login_name $user")).toContain(`    "\\${name}" "${name}:pull";`);
  });

  test("are remembered by name, access and the version of their password, and the password is no part of it", () => {
    const location = text(server);
    expect(location).toContain("proxy_cache_key '$login_check $user $user_version';");
    expect(location.match(/proxy_cache_key.*/)?.[0]).not.toMatch(/authorization/i);
  });

  test("are remembered only where the answer was kept apart from those for other passwords", () => {
    expect(blockOf(http, "map $upstream_http_vary $is_for_all_passwords")).toContain(
      "Authorization '';\n    default 1;",
    );
    expect(text(server)).toMatch(/proxy_no_cache .*\$is_for_all_passwords;/);
    expect(loginServer(users)).toContain("add_header Vary Authorization always;");
  });

  test("are never remembered for a wrong password", () => {
    expect(text(server).match(/proxy_cache_valid .*/g)).toEqual(["proxy_cache_valid 204 403 1h;"]);
  });

  test("are asked for name and password without a check when there is none", () => {
    expect(text(server)).toContain("if ($remote_user = '') {\n        return 401;");
  });

  test("do not show the registry their passwords, unless it checks them too", () => {
    expect(registry).toContain("proxy_set_header Authorization '';");
    expect(cachedLogin(users, true).registry).not.toContain("proxy_set_header Authorization '';");
  });
});

describe("a name that is not a user's", () => {
  test("is checked as the decoy, whose name no user can have and whose hash is no password's", () => {
    const { http, server } = cachedLogin(users, false);
    const header = /'' 'Basic (.*)';/.exec(blockOf(http, "map $user_access $checked_login"))?.[1] as string;
    const [name] = Buffer.from(header, "base64").toString().split(":");
    expect(decoyEntry(12)).toBe(`${name}:$2y$12$${".".repeat(53)}`);
    expect(() => HtpasswdUser.generated(name)).toThrow(/name is/);
    expect(text(server)).toContain("proxy_set_header Authorization $checked_login;");
  });

  test("is granted nothing, whatever the check says", () => {
    expect(loginServer(users)).toMatch(/location = \/unknown \{\s+try_files \/none =401;/);
  });

  test("takes no room among those that are remembered", () => {
    expect(text(cachedLogin(users, false).server)).toContain("proxy_cache_bypass $is_unknown_user;");
  });

  test("is that of a user too when the login is longer than any can be", () => {
    const map = blockOf(cachedLogin(users, false).http, "map $http_authorization $login_name");
    const tooLong = new RegExp(/'~(.*)' '';/.exec(map)?.[1] as string);
    const header = (password: string) => `Basic ${Buffer.from(`${"n".repeat(128)}:${password}`).toString("base64")}`;
    expect(tooLong.test(header("p".repeat(255)))).toBe(false);
    expect(tooLong.test(header("p".repeat(260)))).toBe(true);
  });
});

describe("the server where logins wait", () => {
  const { http, server, servers } = cachedLogin(users, false);

  test("slows down each address by itself", () => {
    expect(text(http)).toContain("limit_req_zone $login_source zone=login_sources:2m rate=7r/s;");
    expect(text(server)).toContain("proxy_set_header X-Real-IP $remote_addr;");
  });

  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:"],
    ["2001:db8:1:2::1", "2001:db8:1:2:"],
    ["2001:db8:1::1", "2001:db8:1::"],
    ["2001:db8::1", "2001:db8::"],
    ["2001::a:b:c:d", "2001::"],
    ["2001::a:b:c:d:e", "2001::a:"],
    ["::a:b:c:d:e:f", "::a:b:"],
    ["::1", "::"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ])("counts %s as %s", (address, source) => {
    const map = blockOf(http, "map $http_x_real_ip $login_source");
    const patterns = [...map.matchAll(/'~(\^.*)' \$1;/g)].map(([, pattern]) => new RegExp(pattern));
    const found = patterns.map((pattern) => pattern.exec(address)?.[1]).find((one) => one !== undefined);
    expect(found ?? address).toBe(source);
  });

  test("is not the one that checks them, which would first serve all whose wait has ended", () => {
    expect(text(servers)).toContain("limit_req zone=login_sources");
    expect(loginServer(users)).not.toContain("limit_req");
  });
});

describe("the server that checks passwords", () => {
  const config = loginServer(users);

  test("gives way to everything else", () => {
    expect(config).toContain("worker_processes 1;\nworker_priority 5;");
  });

  test("answers after the check: return would come before it", () => {
    expect(config).toContain("try_files /none =204;");
    expect(config.match(/location = .*?\}/gs)?.join()).not.toContain("return");
  });

  test("has no 403 but the one of users who may only pull: without a file of users nginx has one too", () => {
    expect(config).toContain("error_page 403 = @no_users;");
    expect(config).toContain("error_page 410 = @denied;");
  });

  test("names the realm", () => {
    expect(config).toContain('auth_basic "Team registry";');
  });
});
