import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import execa from "execa";

const script = join(__dirname, "../../../bootstrap/dependencies.mjs");

/** A project with the script, and an `npm` on PATH that leaves a mark instead of installing. */
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "dependencies-"));
  for (const folder of ["bootstrap", "node_modules", "bin"]) {
    mkdirSync(join(directory, folder));
  }
  cpSync(script, join(directory, "bootstrap/dependencies.mjs"));
  writeFileSync(join(directory, "bin/npm"), '#!/bin/sh\necho "$1" > installed\nexit "${NPM_EXIT_CODE:-0}"\n', {
    mode: 0o755,
  });
});

afterEach(() => rmSync(directory, { recursive: true }));

function lock(file: string, packages: object): void {
  writeFileSync(join(directory, file), JSON.stringify({ packages }));
}

const wanted = {
  "": { name: "project" },
  "node_modules/a": { version: "1.0.0" },
  "node_modules/a-for-another-platform": { version: "1.0.0", optional: true },
};

async function runScript(env: NodeJS.ProcessEnv = {}): Promise<{ ran: boolean; exitCode: number }> {
  const PATH = [join(directory, "bin"), process.env.PATH].join(delimiter);
  const { exitCode } = await execa("node", ["bootstrap/dependencies.mjs"], {
    cwd: directory,
    env: { ...env, PATH },
    reject: false,
  });
  return { ran: existsSync(join(directory, "installed")), exitCode };
}

test("installs nothing when node_modules is what the lock file says", async () => {
  lock("package-lock.json", wanted);
  lock("node_modules/.package-lock.json", { "node_modules/a": { version: "1.0.0" } });
  expect(await runScript()).toEqual({ ran: false, exitCode: 0 });
});

test.each([
  ["nothing is installed", undefined],
  ["another version is installed", { "node_modules/a": { version: "1.0.1" } }],
  ["a package is missing", {}],
  ["a package is installed that is not in the lock file", { ...wanted, "node_modules/b": { version: "1.0.0" } }],
])("installs when %s", async (_, installed) => {
  lock("package-lock.json", wanted);
  if (installed) {
    lock("node_modules/.package-lock.json", installed);
  }
  expect(await runScript()).toEqual({ ran: true, exitCode: 0 });
});

test("fails when npm fails", async () => {
  lock("package-lock.json", wanted);
  expect(await runScript({ NPM_EXIT_CODE: "1" })).toEqual({ ran: true, exitCode: 1 });
});
