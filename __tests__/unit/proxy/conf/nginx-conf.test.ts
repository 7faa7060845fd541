import { block } from "../../../../lib/proxy/conf/block";
import { type NginxConfig, renderNginxConfig } from "../../../../lib/proxy/conf/nginx-conf";
import { CONFIG } from "./plain-nginx-config";

const render = (changes: Partial<NginxConfig> = {}) => renderNginxConfig({ ...CONFIG, ...changes });

/** The directives of a block, without those of the blocks in it, comments and indentation. */
function directives(text: string, ...heads: string[]): string[] {
  let lines = text.split("\n");
  for (const head of heads) {
    const start = lines.findIndex((line) => line.trim() === `${head} {`);
    const indent = /^ */.exec(lines[start])?.[0] ?? "";
    const end = lines.findIndex((line, i) => i > start && line === `${indent}}`);
    lines = lines.slice(start + 1, end);
  }
  const indent = /^ */.exec(lines.find((line) => line !== "") ?? "")?.[0] ?? "";
  return lines
    .filter((line) => line.startsWith(indent) && !line.startsWith(`${indent} `) && line.trim().endsWith(";"))
    .map((line) => line.trim());
}

const proxying = (text: string) => directives(text, "http", "server", "location /v2/");

describe("nginx.conf", () => {
  test("is what an engineer would write by hand", () => {
    expect(render()).toMatchSnapshot();
  });

  test("opens and closes as many blocks, each indented", () => {
    let depth = 0;
    for (const line of render().trimEnd().split("\n")) {
      depth -= line.trim() === "}" ? 1 : 0;
      expect(line === "" || line.startsWith("    ".repeat(depth))).toBe(true);
      depth += line.endsWith("{") ? 1 : 0;
    }
    expect(depth).toBe(0);
  });

  test("does not buffer uploads and takes them whatever their size", () => {
    expect(proxying(render())).toEqual(
      expect.arrayContaining(["proxy_request_buffering off;", "proxy_http_version 1.1;"]),
    );
    expect(directives(render(), "http")).toContain("client_max_body_size 0;");
  });

  test("never switches buffers off for downloads, nor puts them on the disk", () => {
    expect(render()).not.toContain("proxy_buffering off");
    expect(proxying(render())).toContain("proxy_max_temp_file_size 0;");
  });

  test("tells the registry the address that the client used, with its port", () => {
    expect(proxying(render({ scheme: "https" }))).toEqual(
      expect.arrayContaining(["proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-Proto https;"]),
    );
  });

  test.each(["Forwarded", "X-Forwarded-Host", "X-Forwarded-Port"])("takes no client's word for %s", (header) => {
    expect(proxying(render())).toContain(`proxy_set_header ${header} '';`);
  });

  test("tells the registry the address of the client, and not what the client says", () => {
    expect(proxying(render())).toEqual(
      expect.arrayContaining([
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Real-IP $remote_addr;",
      ]),
    );
  });

  test("may open as many files as its connections need", () => {
    expect(render({ workerConnections: 51200 })).toContain("\nworker_rlimit_nofile 102912;\n");
  });

  test("leaves connections for others than the busiest address", () => {
    expect(directives(render({ connectionsPerAddress: 7 }), "http", "server")).toContain("limit_conn addresses 7;");
  });

  test("leaves connections for others than the busiest login, which is a password's and not a name's", () => {
    const text = render({ connectionsPerLogin: 9 });
    expect(directives(text, "http", "server")).toContain("limit_conn counted_logins 9;");
    expect(text).toContain("limit_conn_zone $counted_login zone=counted_logins:4m;");
    const keys = [...text.slice(text.indexOf("$counted_login {")).matchAll(/^\s+'~(.*)' (\S+);$/gm)].slice(0, 2);
    const counted = (login: string) => {
      const [pattern, value] = keys.map(([, of, what]) => [of, what]).find(([of]) => new RegExp(of).test(login)) ?? [];
      return value === "$1" ? new RegExp(pattern as string).exec(login)?.[1] : value && login;
    };
    expect(counted("Basic Y2k6c2VjcmV0")).toBe("Basic Y2k6c2VjcmV0");
    expect(counted(`Bearer ${"a".repeat(300)}.${"b".repeat(300)}.${"c".repeat(43)}`)).toBe("c".repeat(43));
    expect(counted(`Basic ${"a".repeat(300)}`)).toBeUndefined();
    expect(counted("")).toBeUndefined();
    expect(render()).not.toContain("counted_login");
  });

  test("names the API version where the registry did not", () => {
    expect(render()).toMatch(
      /map \$\w+_docker_distribution_api_version \$api_version \{\n\s+'' 'registry\/2\.0';\n\s+default '';/,
    );
    expect(directives(render(), "http", "server")).toContain(
      "add_header Docker-Distribution-Api-Version $api_version always;",
    );
  });

  test("has no add_header in a location, where it would drop those of the server", () => {
    expect(proxying(render()).filter((line) => line.startsWith("add_header"))).toEqual([]);
  });

  test("serves nothing but the registry's API", () => {
    expect(directives(render(), "http", "server", "location /")).toEqual(["return 404;"]);
  });

  test("writes nothing outside of /tmp, as its root file system is read-only", () => {
    const paths = render()
      .split("\n")
      .filter((line) => /^\s*(pid|\w+_temp_path) /.test(line))
      .map((line) => line.trim().split(" ")[1]);
    expect(paths).toHaveLength(6);
    expect(paths.every((path) => path.startsWith("/tmp/"))).toBe(true);
  });

  test("never leaves out the only registry there is", () => {
    expect(directives(render(), "http", "upstream registry")).toContain(
      "server unix:/run/registry/registry.sock max_fails=0;",
    );
  });

  test("looks a registry's name up while requests come in, so that one that was replaced is found again", () => {
    const text = render({ upstream: { address: "local-registry:5000" } });
    expect(directives(text, "http")).toContain("resolver 127.0.0.11 valid=2s ipv6=off;");
    expect(proxying(text)).toContain("proxy_pass $registry_by_method;");
    expect(directives(text, "http", "map $request_method $registry_by_method")).toEqual([
      "DELETE http://deletes;",
      "default http://local-registry:5000;",
    ]);
    expect(text).not.toContain("server local-registry");
  });

  test("takes its limits", () => {
    const http = directives(
      render({ bodyLimitMiB: 1000, headerTimeoutSeconds: 5, bodyTimeoutSeconds: 6, keepaliveTimeoutSeconds: 7 }),
      "http",
    );
    expect(http).toEqual(
      expect.arrayContaining([
        "client_max_body_size 1000m;",
        "client_header_timeout 5s;",
        "client_body_timeout 6s;",
        "send_timeout 6s;",
        "keepalive_timeout 7s;",
      ]),
    );
    expect(proxying(render({ upstreamTimeoutSeconds: 8 }))).toEqual(
      expect.arrayContaining(["proxy_read_timeout 8s;", "proxy_send_timeout 8s;"]),
    );
    expect(directives(render({ workerConnections: 51200 }), "events")).toContain("worker_connections 51200;");
  });

  test("puts the lines of a fragment where they belong", () => {
    const text = render({
      fragments: [
        { http: ["limit_req_zone a;"], server: ["ssl_protocols TLSv1.3;"], registry: ["auth_request /check;"] },
        { servers: block("server", ["listen unix:/tmp/check.sock;"]) },
      ],
      extraServerDirectives: ["allow 10.0.0.0/8;"],
    });
    expect(directives(text, "http")).toContain("limit_req_zone a;");
    expect(directives(text, "http", "server")).toEqual(
      expect.arrayContaining(["ssl_protocols TLSv1.3;", "allow 10.0.0.0/8;"]),
    );
    expect(proxying(text)[0]).toBe("auth_request /check;");
    expect(text).toContain("    server {\n        listen unix:/tmp/check.sock;\n    }\n");
  });
});
