import { acceleratedPulls } from "../../../../lib/proxy/conf/acceleration";
import { type NginxConfig, renderNginxConfig } from "../../../../lib/proxy/conf/nginx-conf";
import { CONFIG } from "./plain-nginx-config";

const ACCELERATED: NginxConfig = {
  ...CONFIG,
  blobs: {
    mount: { volumeName: "registry-data", containerPath: "/var/lib/registry", readOnly: true },
    redirectHost: "blobs.invalid",
    headers: ["X-Content-Type-Options"],
    headerValues: { "X-Content-Type-Options": ["nosniff"] },
    tagsOfUpstream: false,
  },
};

const render = (changes: Partial<NginxConfig> = {}) => renderNginxConfig({ ...ACCELERATED, ...changes });

/** The lines of one block, trimmed. */
function block(text: string, head: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.trim() === `${head} {`);
  const indent = /^ */.exec(lines[start])?.[0];
  const end = lines.findIndex((line, i) => i > start && line === `${indent}}`);
  return lines.slice(start + 1, end).map((line) => line.trim());
}

/** What a map of nginx.conf makes of a value. */
function mapped(text: string, head: string, value: string): string | undefined {
  for (const line of block(text, head)) {
    const [, pattern, result] = /^'~(.*)' (\S+);$/.exec(line) ?? [];
    const match = pattern && new RegExp(pattern).exec(value);
    if (match) {
      return result.replace(/\$(\d)/g, (_, group) => match[Number(group)]);
    }
  }
  return /^default (\S+);$/.exec(block(text, head).at(-1) ?? "")?.[1].replace(/'/g, "");
}

const HEX = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c";
const FILE = `/docker/registry/v2/blobs/sha256/${HEX.slice(0, 2)}/${HEX}/data`;
const FILE_MAP = "map $upstream_http_location $blob_file";

describe("accelerated pulls", () => {
  test("are what an engineer would write by hand", () => {
    expect(
      acceleratedPulls({
        redirectHost: "blobs.invalid",
        rootDirectory: "/var/lib/registry",
        registryHeaders: ["X-Content-Type-Options"],
        serverHeaders: [],
      }),
    ).toMatchSnapshot();
  });

  test("are not in nginx.conf when the registry sends its blobs", () => {
    const text = render({ blobs: undefined });
    expect(text.replace(/^.*errors.*$/gm, "")).not.toContain("blob");
    expect(block(text, "location /v2/")).not.toContain("proxy_intercept_errors on;");
  });

  test("find the file in the registry's redirect", () => {
    expect(mapped(render(), FILE_MAP, `http://blobs.invalid${FILE}`)).toBe(FILE);
    expect(mapped(render(), "map $upstream_http_location $blob_digest", `http://blobs.invalid${FILE}`)).toBe(
      `sha256:${HEX}`,
    );
  });

  test.each([
    ["another host", `http://blobs.example${FILE}`],
    ["a host that only looks like it", `http://blobs-invalid${FILE}`],
    ["a longer host", `http://evil.blobs.invalid${FILE}`],
    ["another scheme", `https://blobs.invalid${FILE}`],
    ["a folder above", `http://blobs.invalid/..${FILE}`],
    ["dots in the digest", "http://blobs.invalid/docker/registry/v2/blobs/sha256/../../data"],
    ["another file of the blob's folder", `http://blobs.invalid${FILE.replace("/data", "/other")}`],
    ["something behind the file", `http://blobs.invalid${FILE}/../data`],
    ["a query", `http://blobs.invalid${FILE}?x`],
    ["a second line", `http://blobs.invalid${FILE}\nx`],
    ["the links of a repository", "http://blobs.invalid/docker/registry/v2/repositories/app/_layers/sha256/00/link"],
    ["no redirect", ""],
  ])("take %s for no blob", (_, location) => {
    expect(mapped(render(), FILE_MAP, location)).toBe("");
  });

  test("compare If-None-Match with the digest", () => {
    const head = 'map "$blob_digest $http_if_none_match" $blob_if_none_match';
    const compare = (value: string) => mapped(render(), head, `sha256:${HEX} ${value}`);
    for (const same of [
      "*",
      `"sha256:${HEX}"`,
      `W/"sha256:${HEX}"`,
      `"a", "sha256:${HEX}"`,
      `"a",W/"sha256:${HEX}" `,
    ]) {
      expect(compare(same)).toBe("'*'");
    }
    for (const other of ["", '"a"', `sha256:${HEX}`, `"sha256:${HEX.slice(1)}"`]) {
      expect(compare(other)).toBe("");
    }
  });

  test("compare If-Match with the digest, strongly", () => {
    const head = 'map "$blob_digest $http_if_match" $blob_if_match_fails';
    const compare = (value: string) => mapped(render(), head, `sha256:${HEX} ${value}`);
    for (const same of ["", "*", `"sha256:${HEX}"`, `"a", "sha256:${HEX}"`]) {
      expect(compare(same)).toBe("''");
    }
    for (const other of ['"a"', `W/"sha256:${HEX}"`, `sha256:${HEX}`]) {
      expect(compare(other)).toBe("1");
    }
  });

  test("are behind the checks of the registry's location only", () => {
    const text = render({ fragments: [{ registry: ["auth_request /auth;"] }] });
    expect(block(text, "location /v2/")).toEqual(
      expect.arrayContaining(["auth_request /auth;", "error_page 307 = $blob_sender;"]),
    );
    const reachable = text.match(/location [^@$].*/g);
    expect(reachable).toEqual([
      "location = /_error {",
      "location /v2/ {",
      "location / {",
      "location ~ '^/docker/registry/v2/blobs/([a-z0-9]+)/[0-9a-f][0-9a-f]/([0-9a-f]+)/data$' {",
      "location / {",
      "location / {",
      "location = / {",
    ]);
    expect(text.match(/listen .*/g)).toEqual([
      "listen 8080;",
      "listen unix:/tmp/blobs.sock;",
      "listen unix:/tmp/deletes.sock;",
      "listen 127.0.0.1:8079;",
    ]);
  });

  test.each(["location @blob", "location @conditional_blob", "location @vanished_blob"])(
    "keep the headers of the public server in %s, which would lose them otherwise",
    (location) => {
      const text = render({
        fragments: [{ server: ['add_header Strict-Transport-Security "max-age=63072000" always;'] }],
        extraServerDirectives: ["add_header X-Robots-Tag none;", "allow 10.0.0.0/8;"],
      });
      expect(block(text, location)).toEqual(
        expect.arrayContaining([
          "add_header Docker-Distribution-Api-Version registry/2.0 always;",
          'add_header Strict-Transport-Security "max-age=63072000" always;',
          "add_header X-Robots-Tag none;",
          "add_header X-Content-Type-Options $registry_x_content_type_options always;",
        ]),
      );
      expect(block(text, location)).not.toContain("allow 10.0.0.0/8;");
    },
  );
});
