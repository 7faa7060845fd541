import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeStalePidFiles } from "../../../bootstrap/stale-pid-files";

let folder: string;
let pidFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pid-files-"));
  pidFile = join(folder, "docker.pid");
  writeFileSync(pidFile, "42\n");
});

afterEach(() => rmSync(folder, { recursive: true }));

function processNamed(name: string): void {
  mkdirSync(join(folder, "42"));
  writeFileSync(join(folder, "42", "comm"), `${name}\n`);
}

test("the file of an engine that runs stays", () => {
  processNamed("dockerd");
  expect(removeStalePidFiles([{ file: pidFile, program: "dockerd" }], folder)).toEqual([]);
  expect(existsSync(pidFile)).toBe(true);
});

test("the file of an engine whose number another program has by now goes", () => {
  processNamed("node");
  expect(removeStalePidFiles([{ file: pidFile, program: "dockerd" }], folder)).toEqual([pidFile]);
  expect(existsSync(pidFile)).toBe(false);
});

test("the file of an engine that ended without a word goes", () => {
  removeStalePidFiles([{ file: pidFile, program: "dockerd" }], folder);
  expect(existsSync(pidFile)).toBe(false);
});
