import { spawn, spawnSync } from "node:child_process";
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
import { type ConfigWriterScript, configWriterScript } from "../../../lib/docker/config-writer";

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

  public write(files: { [path: string]: string }, options: Partial<ConfigWriterScript> = {}) {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, "staged", path)), { recursive: true });
      writeFileSync(join(this.root, "staged", path), content);
    }
    return this.start(options);
  }

  public start(options: Partial<ConfigWriterScript> = {}) {
    const all = configWriterScript({ owner: 65532, ...options });
    const script = all.replace(/\/(config|staged|owned)\b/g, `${this.root}/$1`);
    const { status, stderr, stdout } = spawnSync("sh", ["-c", script], {
      encoding: "utf8",
      env: { PATH: `${join(this.root, "bin")}:${process.env.PATH}` },
    });
    this.said = stdout;
    return { status, stderr };
  }

  /** A container that follows the files, and says this of each version. */
  public async follow(answer: string): Promise<() => void> {
    const script = `exec 9<>config/.reader; echo ready; seen=$(readlink config/current)
      while :; do
        now=$(readlink config/current)
        [ "$now" = "$seen" ] || { seen=$now; cat config/current/nginx.conf >> read; ${answer}; }
        sleep 0.05
      done`;
    const reader = spawn("sh", ["-c", script], { cwd: this.root, stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((resolve) => reader.stdout.once("data", resolve));
    return () => reader.kill("SIGKILL");
  }

  public said = "";

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
    expect(run.write({ "nginx.conf": "broken" }, { check: "grep -q one nginx.conf" })).toMatchObject({ status: 1 });
    expect(run.read("nginx.conf")).toBe("one");
    expect(existsSync(run.path("refused"))).toBe(true);
  });

  test("forgets a refusal once the files are mended", () => {
    run.write({ "nginx.conf": "broken" }, { check: "false" });
    run.write({ "nginx.conf": "one" }, { check: "true" });
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
    expect(run.chowned).toContain(`65532:65532 ${run.root}/owned/0\n`);
    // Not empty: an empty volume gets the owner of the image's folder when it is mounted.
    expect(readdirSync(join(run.root, "owned", "0"))).toEqual([".owned-by-65532"]);
  });

  test("gives the top folder of a volume away last: a run that was cut short is made up for", () => {
    mkdirSync(join(run.root, "owned", "0", "docker"), { recursive: true });
    const chown = join(run.root, "bin", "chown");
    const works = readFileSync(chown, "utf8");
    writeFileSync(chown, `${works}exit 1\n`);
    expect(run.write({ "config.yml": "" }).status).toBe(1);
    expect(run.chowned).not.toMatch(/owned\/0$/m);
    writeFileSync(chown, works);
    expect(run.write({ "config.yml": "" }).status).toBe(0);
    expect(run.chowned).toMatch(/-h 65532:65532 .*owned\/0\/docker\n65532:65532 .*owned\/0\n/);
  });

  test("says in the end that it is done, and what is current", () => {
    run.write({ "nginx.conf": "one" });
    expect(run.said).toBe(`configuration is current: ${readlinkSync(run.path("current"))}\n`);
    run.write({ "nginx.conf": "broken" }, { check: "false" });
    expect(run.said).toBe("");
  });

  test("names what the image lacks, and does nothing", () => {
    const requiredCommands = ["sh", "no-such-server", "no-such-client|sh", "curl9|wget9"];
    expect(run.write({ "nginx.conf": "one" }, { requiredCommands })).toEqual({
      status: 1,
      stderr: "the image lacks: no-such-server curl9-or-wget9. Fix: choose an image that has it\n",
    });
    expect(readdirSync(run.path())).toEqual([]);
  });

  test("takes what the check has made of the files", () => {
    run.write({ "nginx.conf": "one" });
    const before = readlinkSync(run.path("current"));
    run.write({ "nginx.conf": "one" }, { check: "echo two > nginx.conf" });
    expect(run.read("nginx.conf")).toBe("two\n");
    expect(readlinkSync(run.path("current"))).not.toBe(before);
  });

  describe("with a reader that follows the files", () => {
    const reader = { name: "local-proxy", patienceSeconds: 2 };
    let stop = () => {};

    beforeEach(() => {
      run.write({ "nginx.conf": "one" }, { reader });
    });
    afterEach(() => stop());

    test("ends when the reader uses them", async () => {
      stop = await run.follow('sleep 0.5; touch taken; echo "$now taken" 1<>config/.answers');
      expect(run.write({ "nginx.conf": "two" }, { reader })).toEqual({ status: 0, stderr: "" });
      expect(existsSync(join(run.root, "taken"))).toBe(true);
    });

    test("puts the old ones back when the reader refuses them, and says where the reason is", async () => {
      const before = readlinkSync(run.path("current"));
      stop = await run.follow('echo "$now refused" 1<>config/.answers');
      expect(run.write({ "nginx.conf": "two" }, { reader })).toEqual({
        status: 1,
        stderr: "the container local-proxy: refused. Fix: its log says why (docker logs local-proxy)\n",
      });
      expect(readFileSync(join(run.root, "read"), "utf8")).toContain("two");
      expect(readlinkSync(run.path("current"))).toBe(before);
      expect(run.read("nginx.conf")).toBe("one");
      expect(existsSync(run.path("refused"))).toBe(true);
    });

    test("puts the old ones back when the reader says nothing in time", async () => {
      stop = await run.follow(":");
      const { status, stderr } = run.write({ "nginx.conf": "two" }, { reader });
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/gave no answer within 2 s/) });
      expect(run.read("nginx.conf")).toBe("one");
    });

    test("waits for nobody when the reader does not run", () => {
      const started = Date.now();
      expect(run.write({ "nginx.conf": "two" }, { reader })).toEqual({ status: 0, stderr: "" });
      expect(Date.now() - started).toBeLessThan(2000);
      expect(run.read("nginx.conf")).toBe("two");
    });
  });
});
