import { cachedLogin } from "../../../../lib/proxy/conf/cached-login";
import { loginServer } from "../../../../lib/proxy/conf/login-server";
import { registryLogin } from "../../../../lib/proxy/conf/registry-login";
import { decoyEntry } from "../../../../lib/proxy/conf/user-maps";

const users = { realm: "Team registry", pushUsers: ["ci"], pullUsers: ["reader", "alice@example.com"] };
const text = (lines: string[] | undefined) => (lines ?? []).join("\n");

/** The `name { … }` of lines that are indented by four spaces a level. */
function blockOf(lines: string[] | undefined, head: string): string {
  const start = (lines ?? []).indexOf(`${head} {`);
  const end = (lines ?? []).indexOf("}", start);
  return text(lines?.slice(start, end + 1));
}

describe("users that the proxy checks", () => {
  const { http, server, registry } = cachedLogin(users);

  test("are told from others by their exact name", () => {
    expect(blockOf(http, "map $remote_user $user")).toBe(
      [
        "map $remote_user $user {",
        '    "ci" "ci:push";',
        '    "reader" "reader:pull";',
        '    "alice@example.com" "alice@example.com:pull";',
        "    default '';",
        "}",
      ].join("\n"),
    );
    expect(blockOf(http, 'map "$remote_user:$user" $user_access')).toContain("'~^([^:]+):\\1:push$' push;");
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
    [" PUT", "granted"],
  ])("with access and method %p are %s by the map", (request, expected) => {
    const pattern = /'~(.*)' denied;/.exec(blockOf(http, 'map "$user_access $request_method" $login_check'))?.[1];
    expect(new RegExp(pattern as string).test(request) ? "denied" : "granted").toBe(expected);
  });

  test("are remembered by name, access and the version of their password, and the password is no part of it", () => {
    const location = text(server);
    expect(location).toContain("proxy_cache_key '$login_check $remote_user $user_version';");
    expect(location.match(/proxy_cache_key.*/)?.[0]).not.toMatch(/authorization/i);
  });

  test("are remembered only where the answer was kept apart from those for other passwords", () => {
    expect(blockOf(http, "map $upstream_http_vary $is_for_all_passwords")).toContain(
      "Authorization '';\n    default 1;",
    );
    expect(text(server)).toMatch(/proxy_no_cache .*\$is_for_all_passwords;/);
    expect(loginServer({ realm: "x", loginsPerSecond: 5 })).toContain("add_header Vary Authorization always;");
  });

  test("are never remembered for a wrong password", () => {
    expect(text(server).match(/proxy_cache_valid .*/g)).toEqual(["proxy_cache_valid 204 403 1h;"]);
  });

  test("are asked for name and password without a check when there is none", () => {
    expect(text(server)).toContain("if ($remote_user = '') {\n        return 401;");
  });

  test("do not show the registry their passwords", () => {
    expect(registry).toContain("proxy_set_header Authorization '';");
  });
});

describe("a name that is not a user's", () => {
  test("is checked as the decoy, at both places", () => {
    const name = decoyEntry("hash").split(":")[0];
    for (const { http, server, registry } of [
      cachedLogin(users),
      registryLogin(users, ["proxy_pass http://registry;"]),
    ]) {
      const header = /'~\^ \.' 'Basic (.*)';/.exec(text(http))?.[1] as string;
      expect(Buffer.from(header, "base64").toString().split(":")[0]).toBe(name);
      expect(text(server)).toContain("proxy_set_header Authorization $checked_login;");
      expect(text(registry)).toContain("proxy_set_header Authorization");
    }
  });

  test("takes no room among those that are remembered", () => {
    expect(text(cachedLogin(users).server)).toContain("proxy_cache_bypass $is_unknown_user;");
  });
});

describe("users that the registry checks", () => {
  const { server, registry } = registryLogin(users, ["proxy_pass http://registry;"]);

  test("are denied a push by the answer to a request for a blob that cannot exist", () => {
    expect(text(server)).toContain(`rewrite ^ /v2/denied/blobs/sha256:${"0".repeat(64)} break;`);
    expect(text(server)).toContain("error_page 404 = @push_denied;");
  });

  test("keep their passwords on the way to the registry", () => {
    expect(registry).not.toContain("proxy_set_header Authorization '';");
  });
});

describe("the server that checks passwords", () => {
  const config = loginServer({ realm: "Team registry", loginsPerSecond: 7 });

  test("gives way to everything else", () => {
    expect(config).toContain("worker_processes 1;\nworker_priority 5;");
  });

  test("slows down each address by itself", () => {
    expect(config).toContain("limit_req_zone $http_x_real_ip zone=logins:2m rate=7r/s;");
    expect(text(cachedLogin(users).server)).toContain("proxy_set_header X-Real-IP $remote_addr;");
  });

  test("answers after the check: return would come before it", () => {
    expect(config).toContain("try_files /none =204;");
    expect(config).not.toMatch(/^\s*return/m);
  });

  test("names the realm", () => {
    expect(config).toContain('auth_basic "Team registry";');
  });
});
