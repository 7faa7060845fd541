import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { PublicApi } from "./public-api";

const tests = path.join(__dirname, "..", "..");
const text = readFileSync(path.join(tests, "..", "docs", "settings.md"), "utf8");
const api = new PublicApi();

interface Row {
  readonly setting: string;
  readonly prop: string;
  readonly test: string;
}

const rows: Row[] = text
  .split("\n")
  .filter((line) => /^\| (?!setting \|)/.test(line))
  .map((line) => {
    const [setting, , prop, test] = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    return { setting, prop, test };
  });

/** What there is without a prop. */
const WITHOUT = /^(always|generated)/;

/** Names of members that the code in a cell stands for, as in `RegistryLog.level`; `?` before what is not there. */
function named(cell: string): string[] {
  const found: string[] = [];
  // From the innermost: what was named last, its class, and the registry.
  const contexts = ["MirrorContainerProps"];
  let lastClass = "";
  const name = (code: string): void => {
    const [, prop, value] = /^([a-z][\w.]*): (.+)$/.exec(code) ?? [];
    if (prop) {
      name(prop);
      name(value);
      return;
    }
    const [, type, method] = /^(?:new )?([A-Z]\w*)?(?:\.?(\w+))?(?:\(\))?$/.exec(code) ?? [];
    if (type) {
      lastClass = type;
      found.push(api.has(type) ? type : `?${code}`);
      contexts.push(`${type}Props`);
    }
    if (method && (type || code.endsWith("()"))) {
      const member = api.find(lastClass, method);
      found.push(member?.declared ?? `?${code}`);
      contexts.push(member?.type ?? "");
    } else if (!type) {
      const start = [...contexts].reverse().find((context) => api.find(context, code.split(".")[0]));
      code.split(".").reduce((context, part) => {
        const member = api.find(context, part);
        found.push(member?.declared ?? `?${code}`);
        contexts.push(member?.type ?? "");
        return member?.type ?? "";
      }, start ?? "");
    }
  };
  for (const [, code] of cell.matchAll(/`([^`]+)`/g)) {
    name(code);
  }
  return found;
}

/** Titles in a file of tests, with those that `each` gives them. */
function titles(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const strings = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) {
      found.push(node.text);
    }
    ts.forEachChild(node, strings);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|it|describe)\b/.test(node.expression.getText())) {
      (node.expression.getText().endsWith(".each") ? node.arguments : node.arguments.slice(0, 1)).forEach(strings);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isThere(reference: string): boolean {
  const [, name, title] = /^([\w/-]+): (.+)$/.exec(reference) ?? [];
  const file = path.join(tests, `${name}.test.ts`);
  return existsSync(file) && titles(file).some((one) => one.includes(title));
}

describe("the table of settings", () => {
  test("has a prop and a test for each setting", () => {
    const incomplete = rows.filter(
      ({ setting, prop, test }) => setting === "" || test === "" || !(WITHOUT.test(prop) || named(prop).length > 0),
    );
    expect(rows.length).toBeGreaterThan(60);
    expect(incomplete).toEqual([]);
  });

  test("names no prop that is not there", () => {
    expect(rows.flatMap(({ prop }) => named(prop)).filter((name) => name.startsWith("?"))).toEqual([]);
  });

  test("names no test that is not there", () => {
    const references = rows.flatMap(({ test }) => test.split("; "));
    expect(references.filter((reference) => !isThere(reference))).toEqual([]);
  });

  test("has every setting of a registry, its cache, its storage and its mirror", () => {
    const all = api.membersOf([
      "MirrorContainerProps",
      "RedisCacheProps",
      "ExistingRedisProps",
      "S3StorageProps",
      "RegistryMetricsProps",
    ]);
    const inTable = new Set(rows.flatMap(({ prop }) => named(prop)));
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((member) => !inTable.has(member))).toEqual([]);
  });
});
