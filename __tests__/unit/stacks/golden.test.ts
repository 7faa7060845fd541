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
};

/** The configuration files of a variant by path, with a word in the place of what only the deploy knows. */
function filesOf(name: string): Map<string, string> {
  const containers: { [address: string]: { upload?: { file: string; content: string }[] } } = JSON.parse(
    synthVariant(name),
  ).resource.docker_container;
  const files = Object.values(containers)
    .flatMap(({ upload }) => upload ?? [])
    .filter(({ file }) => GOLDEN[name].includes(path.basename(file)))
    .map(({ file, content }): [string, string] => [path.basename(file), readable(content)]);
  return new Map(files);
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
