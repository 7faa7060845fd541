import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const lib = path.join(__dirname, "..", "..", "..", "lib");

/** What each folder of lib may import from; a folder within it counts as a part of it. */
const MAY_IMPORT: { readonly [room: string]: string[] } = {
  core: [],
  docker: ["core"],
  tls: ["core", "docker"],
  registry: ["core", "docker", "tls"],
  cache: ["core", "docker", "registry"],
  proxy: ["core", "docker", "tls", "registry"],
  users: ["core", "docker", "registry", "proxy"],
  browser: ["core", "docker", "registry", "proxy"],
  metrics: ["core", "docker", "registry", "proxy"],
  maintenance: ["core", "docker", "registry"],
  backup: ["core", "docker", "registry", "maintenance"],
  client: ["core"],
  swarm: ["core", "docker", "tls", "registry", "cache", "proxy", "metrics"],
  patterns: [
    "core",
    "docker",
    "tls",
    "registry",
    "cache",
    "proxy",
    "users",
    "browser",
    "metrics",
    "maintenance",
    "backup",
    "client",
    "swarm",
  ],
};

const files = readdirSync(lib, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && file !== "index.ts",
);

/** Files that a file imports, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(lib, file), "utf8");
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, name]) =>
    path.normalize(path.join(path.dirname(file), `${name}.ts`)),
  );
}

const room = (file: string): string => file.split(path.sep)[0];

/** The files from one to itself again, if there is such a way. */
function circleFrom(start: string): string[] {
  const seen = new Set<string>();
  const walk = (file: string, way: string[]): string[] => {
    for (const next of importsOf(file)) {
      if (next === start) {
        return [...way, next];
      }
      if (!seen.has(next)) {
        seen.add(next);
        const found = walk(next, [...way, next]);
        if (found.length > 0) {
          return found;
        }
      }
    }
    return [];
  };
  return walk(start, [start]);
}

describe("the files of lib", () => {
  test("lie in the folders that are known", () => {
    expect([...new Set(files.map(room))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  test("import in one direction", () => {
    const against = files.flatMap((file) =>
      importsOf(file)
        .filter((other) => room(other) !== room(file) && !MAY_IMPORT[room(file)].includes(room(other)))
        .map((other) => `${file} imports ${other}`),
    );
    expect(against).toEqual([]);
  });

  test("import nothing in a circle, not even types", () => {
    expect(files.map(circleFrom).filter((way) => way.length > 0)).toEqual([]);
  });

  test("have at most 250 lines, but for those that hold props", () => {
    const written = readdirSync(lib, { recursive: true, encoding: "utf8" }).filter((file) =>
      /\.(ts|js|sh|awk)$/.test(file),
    );
    const long = written.filter((file) => readFileSync(path.join(lib, file), "utf8").split("\n").length > 251);
    expect(long.filter((file) => !file.endsWith("-props.ts"))).toEqual([]);
  });
});
