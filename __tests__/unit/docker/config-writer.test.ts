import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { configWriterScript } from "../../../lib/docker/config-writer";

/** The engine's side of the writer: folders in the place of volumes and of the container's own layer. */
class WriterRun {
  public readonly root = mkdtempSync(join(tmpdir(), "config-writer-"));

  constructor() {
    for (const folder of ["config", "owned", "bin"]) {
      mkdirSync(join(this.root, folder));
    }
    // Giving files away takes root; here it is only written down.
    writeFileSync(join(this.root, "bin", "chown"), `#!/bin/sh\necho "$@" >> ${this.root}/chowned\n`);
    chmodSync(join(this.root, "bin", "chown"), 0o755);
  }

  public write(files: { [path: string]: string }, check?: string) {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, "staged", path)), { recursive: true });
      writeFileSync(join(this.root, "staged", path), content);
    }
    return this.start(check);
  }

  public start(check?: string) {
    const script = configWriterScript({ check, owner: 65532 }).replace(/\/(config|staged|owned)\b/g, `${this.root}/$1`);
    const { status, stderr } = spawnSync("sh", ["-c", script], {
      encoding: "utf8",
      env: { PATH: `${join(this.root, "bin")}:${process.env.PATH}` },
    });
    return { status, stderr };
  }

  public read(path: string): string {
    return readFileSync(this.path("current", path), "utf8");
  }

  public path(...parts: string[]): string {
    return join(this.root, "config", ...parts);
  }

  public get chowned(): string {
    return existsSync(join(this.root, "chowned")) ? readFileSync(join(this.root, "chowned"), "utf8") : "";
  }
}

describe("the config writer", () => {
  let run: WriterRun;

  beforeEach(() => {
    run = new WriterRun();
  });
  afterEach(() => rmSync(run.root, { recursive: true }));

  test("makes the files current", () => {
    expect(run.write({ "nginx.conf": "one", "tls/server.key": "key" })).toEqual({ status: 0, stderr: "" });
    expect([run.read("nginx.conf"), run.read("tls/server.key")]).toEqual(["one", "key"]);
  });

  test("lets nobody but their owner read them", () => {
    run.write({ "tls/server.key": "key" });
    expect(statSync(run.path("current", "tls", "server.key")).mode & 0o777).toBe(0o400);
    expect(run.chowned).toMatch(/^65532:65532 .*server\.key$/m);
  });

  test("replaces all files at once by another target of the link, and keeps no old ones", () => {
    run.write({ "nginx.conf": "one", users: "a" });
    const before = readlinkSync(run.path("current"));
    run.write({ "nginx.conf": "two" });
    expect(readlinkSync(run.path("current"))).not.toBe(before);
    expect(run.read("nginx.conf")).toBe("two");
    expect(existsSync(run.path("current", "users"))).toBe(false);
    expect(readdirSync(run.path()).sort()).toEqual(["current", readlinkSync(run.path("current"))].sort());
  });

  test("goes by the content: the same files are the same version", () => {
    run.write({ "nginx.conf": "one" });
    const before = readlinkSync(run.path("current"));
    run.write({ "nginx.conf": "two" });
    run.write({ "nginx.conf": "one" });
    expect(readlinkSync(run.path("current"))).toBe(before);
  });

  test("tries the files before it takes them over", () => {
    run.write({ "nginx.conf": "one" });
    expect(run.write({ "nginx.conf": "broken" }, "grep -q one nginx.conf")).toMatchObject({ status: 1 });
    expect(run.read("nginx.conf")).toBe("one");
    expect(existsSync(run.path("refused"))).toBe(true);
  });

  test("forgets a refusal once the files are mended", () => {
    run.write({ "nginx.conf": "broken" }, "false");
    run.write({ "nginx.conf": "one" }, "true");
    expect(existsSync(run.path("refused"))).toBe(false);
    expect(run.read("nginx.conf")).toBe("one");
  });

  test("leaves no secret in its own layer", () => {
    run.write({ "server.key": "key" });
    expect(existsSync(join(run.root, "staged"))).toBe(false);
  });

  test("changes nothing when the engine starts it again", () => {
    run.write({ "nginx.conf": "one" });
    const before = readdirSync(run.path());
    expect(run.start()).toEqual({ status: 0, stderr: "" });
    expect(readdirSync(run.path())).toEqual(before);
  });

  test("mends a copy that was cut short", () => {
    mkdirSync(run.path(".incoming"));
    writeFileSync(run.path(".incoming", "half"), "");
    run.write({ "nginx.conf": "one" });
    expect(readdirSync(run.path("current"))).toEqual(["nginx.conf"]);
  });

  test("gives a volume to the reader's user", () => {
    mkdirSync(join(run.root, "owned", "0"));
    run.write({ "config.yml": "" });
    expect(run.chowned).toContain(`-R 65532:65532 ${run.root}/owned/0`);
    // Not empty: an empty volume gets the owner of the image's folder when it is mounted.
    expect(readdirSync(join(run.root, "owned", "0"))).toEqual([".owned-by-65532"]);
  });
});
