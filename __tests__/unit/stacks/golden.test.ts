import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import "../synth";
import { synthVariant } from "./variants";

const golden = path.join(__dirname, "..", "..", "golden");

/** Each kind of file once in each of its shapes: what people read when something is wrong. */
const GOLDEN: { readonly [variant: string]: string[] } = {
  http: ["config.yml", "nginx.conf"],
  "users-at-proxy": ["logins.conf", "nginx.conf"],
  "users-at-registry": ["config.yml", "nginx.conf"],
  "users-by-repository": ["nginx.conf", "realm.json", "rights.json"],
  reencrypted: ["config.yml", "nginx.conf"],
  cached: ["config.yml", "redis.conf"],
  mirror: ["config.yml"],
  swarm: ["config.yml", "metrics-nginx.conf", "nginx.conf", "redis.conf"],
};

/** The configuration files of a variant by path, with a word in the place of what only the deploy knows. */
function filesOf(name: string): Map<string, string> {
  const configuration = JSON.parse(synthVariant(name));
  const containers: { upload?: { file: string; content: string }[] }[] = Object.values(
    configuration.resource.docker_container ?? {},
  );
  const uploads = containers
    .flatMap(({ upload }) => upload ?? [])
    .map(({ file, content }): [string, string] => [path.basename(file), content]);
  const files = [...uploads, ...filesOfServices(configuration)]
    .filter(([file]) => GOLDEN[name].includes(file))
    .map(([file, content]): [string, string] => [file, readable(content)]);
  return new Map(files);
}

/** Configs and secrets of Swarm, whose contents are locals; the endpoint of the metrics has an nginx.conf of its own. */
function filesOfServices({ resource, locals }: any): [string, string][] {
  const all: { name: string; data: string }[] = ["docker_config", "docker_secret"].flatMap((type) =>
    Object.values<any>(resource[type] ?? {}),
  );
  return all.map(({ name, data }) => {
    const [, service, file] = /^example-([a-z]+)-(.+)-\$\{/.exec(name) ?? [];
    const [, local] = /local\.(\w+)/.exec(data) ?? [];
    return [service === "metrics" ? `metrics-${file}` : file, locals[local]];
  });
}

function readable(content: string): string {
  return content.replace(/(?<!\$)\$\{[^}]*}/g, "<known at deploy>").replaceAll("$${", "${");
}

describe.each(Object.keys(GOLDEN))("the configuration of the stack %s", (name) => {
  const folder = path.join(golden, name);
  const rendered = filesOf(name);

  if (process.env.UPDATE_GOLDEN) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of rendered) {
      writeFileSync(path.join(folder, file), text);
    }
  }

  test("has the files of __tests__/golden and no others", () => {
    expect([...rendered.keys()].sort()).toEqual(readdirSync(folder).sort());
  });

  test.each([...rendered])("is as it was read before: %s", (file, text) => {
    expect(text).toBe(readFileSync(path.join(folder, file), "utf8"));
  });
});
