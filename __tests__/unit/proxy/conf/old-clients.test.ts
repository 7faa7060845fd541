import { oldClients } from "../../../../lib/proxy/conf/old-clients";

/** The expressions of the map; for these, JavaScript's mean the same as nginx's. */
const patterns = (oldClients().http ?? [])
  .map((line) => /'~(.*)' 1;/.exec(line)?.[1])
  .filter((pattern) => pattern !== undefined)
  .map((pattern) => new RegExp(pattern));

const isOld = (agent: string) => patterns.some((pattern) => pattern.test(agent));

describe("the rule for old clients", () => {
  test.each([
    "docker/1.5.0 go/go1.3.3 git-commit/a8a31ef kernel/3.16 os/linux arch/amd64",
    "docker/1.5-dev",
    "docker/1.3.2",
    "docker/1.0",
    "docker/0.11.1 go/go1.2.1",
    "Go 1.1 package http",
  ])("refuses %s", (agent) => {
    expect(isOld(agent)).toBe(true);
  });

  test.each([
    "docker/1.6.0 go/go1.4.2",
    "docker/1.10.3 go/go1.5.3",
    "docker/1.13.1",
    "docker/20.10.24+dfsg1 go/go1.19.8",
    "docker/01.0",
    "Go-http-client/1.1",
    "go-containerregistry/v0.22.1",
    "skopeo/1.9.3",
    "curl/8.14.1",
    "Googlebot docker/1.5.0",
    "",
  ])("takes %j", (agent) => {
    expect(isOld(agent)).toBe(false);
  });

  test("answers 404, as a registry that has no version 2 does", () => {
    expect(oldClients().registry).toEqual(["if ($is_old_client) {", "    return 404;", "}"]);
  });
});
