import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logRotationScript } from "../../../lib/proxy/log-rotation";

const MiB = 1024 * 1024;
const full = (word: string) => word.padEnd(MiB, "x");

describe("the rotation of a log", () => {
  const directory = mkdtempSync(join(tmpdir(), "log-rotation-"));
  const file = join(directory, "access.log");
  let writer: ChildProcess;
  let told: number;

  /** In the place of nginx: says so each time that it is told to open its file again. */
  beforeAll(async () => {
    writer = spawn("sh", ["-c", "trap 'echo told' USR1; echo ready; while :; do sleep 0.05; done"]);
    await once(writer.stdout as NodeJS.ReadableStream, "data");
    writer.stdout?.on("data", (text: Buffer) => {
      told += text.toString().split("told").length - 1;
    });
  });
  beforeEach(() => {
    told = 0;
    for (const name of readdirSync(directory)) {
      rmSync(join(directory, name));
    }
  });
  afterAll(() => {
    writer.kill();
    rmSync(directory, { recursive: true });
  });

  const rotate = (maxFiles = 3) => {
    const script = logRotationScript({ file, maxSizeMiB: 1, maxFiles });
    const { status, stderr } = spawnSync("sh", ["-c", script, "rotate-logs", String(writer.pid)], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  };
  const files = () =>
    Object.fromEntries(
      readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "utf8").replace(/x+$/, "")]),
    );

  test("leaves a small file alone", () => {
    writeFileSync(file, "small");
    rotate();
    expect(files()).toEqual({ "access.log": "small" });
  });

  test("moves a full file away and has nginx open a new one", async () => {
    writeFileSync(file, full("first"));
    rotate();
    expect(files()).toEqual({ "access.log.1": "first" });
    while (told === 0) {
      await once(writer.stdout as NodeJS.ReadableStream, "data");
    }
  });

  test("keeps as many files as it is told, the newest", () => {
    for (const word of ["first", "second", "third", "fourth"]) {
      writeFileSync(file, full(word));
      rotate();
    }
    writeFileSync(file, "fifth");
    expect(files()).toEqual({ "access.log": "fifth", "access.log.1": "fourth", "access.log.2": "third" });
  });

  test("removes what there was room for before, and no file of somebody else", () => {
    for (const name of ["access.log.1", "access.log.2", "access.log.3", "access.log.4", "access.log.old"]) {
      writeFileSync(join(directory, name), name);
    }
    writeFileSync(file, full("new"));
    rotate(2);
    expect(files()).toEqual({ "access.log.1": "new", "access.log.old": "access.log.old" });
  });

  test("has nginx open a new file where somebody took it away", async () => {
    rotate();
    while (told === 0) {
      await once(writer.stdout as NodeJS.ReadableStream, "data");
    }
    expect(files()).toEqual({});
  });
});
