import fs from "node:fs";
import path from "node:path";
import { FakeStorage, sha256 } from "./fake-storage";

let storage: FakeStorage;

beforeEach(() => {
  storage = new FakeStorage();
});
afterEach(() => storage.remove());

const blobsOf = (tree: Record<string, string>) => Object.keys(tree).filter((file) => file.startsWith("blobs/"));
const inTrash = () => fs.readdirSync(path.join(storage.data, "maintenance/trash"));

describe("a collection", () => {
  it("moves what no manifest names, its links and empty repositories, and nothing else; undone it is all back", async () => {
    const kept = storage.image("team/app", "latest");
    const gone = storage.image("team/app", "old");
    const shared = storage.blob("shared", "other/app");
    storage.deleteManifest("team/app", gone.manifest);
    const before = storage.tree();
    const { exitCode, output } = await storage.run(["collect"]);
    expect(output).toContain("moved into the trash: 5 blobs");
    expect(exitCode).toBe(0);
    expect([kept.manifest, ...kept.blobs].map((hex) => storage.has(hex))).toEqual([true, true, true, true]);
    expect([gone.manifest, ...gone.blobs, shared].some((hex) => storage.has(hex))).toBe(false);
    expect(storage.report()).toMatchObject({ outcome: "collected", blobs: 5, layerLinks: 4, damaged: [] });
    expect(fs.existsSync(path.join(storage.root, "repositories/other"))).toBe(false);
    expect(fs.readdirSync(storage.status)).not.toContain("window");

    expect((await storage.run(["undo"])).output).toContain("brought back");
    expect(storage.tree()).toEqual(before);
    expect(inTrash()).toEqual([]);
  });

  it("keeps what an image has in one repository although it was deleted from another", async () => {
    const { manifest, blobs } = storage.image("team/app", "latest", { word: "shared" });
    storage.image("other/app", "latest", { word: "shared" });
    storage.deleteManifest("other/app", manifest);
    await storage.run(["collect"]);
    expect([manifest, ...blobs].every((hex) => storage.has(hex))).toBe(true);
    // Who may pull from the other repository only must not get it any more.
    expect(Object.keys(storage.tree()).filter((file) => file.startsWith("repositories/other"))).toEqual([]);
  });

  it("opens no window where there is nothing to collect", async () => {
    storage.image("team/app", "latest");
    fs.rmSync(path.join(storage.ipc, "serving"), { force: true });
    const { output } = await storage.run(["collect"]);
    expect(output).toContain("nothing to collect");
    expect(storage.report()).toMatchObject({ outcome: "nothing-to-collect", windowSeconds: 0 });
    expect(fs.existsSync(path.join(storage.data, "maintenance/trash"))).toBe(false);
  });

  it("only lists what would go when it is asked to", async () => {
    const { manifest } = storage.image("team/app", "old");
    storage.deleteManifest("team/app", manifest);
    const before = storage.tree();
    const { output } = await storage.run(["collect", "--dry-run"]);
    expect(output).toContain(`blob sha256:${manifest}\n`);
    expect(output).toContain("would go: 4 blobs");
    expect(storage.tree()).toEqual(before);
  });

  it("keeps what is young, or was linked lately: a push may be on its way", async () => {
    const young = storage.blob("young", "team/app", 0.5);
    const mounted = storage.blob("mounted", "team/base");
    storage.file(`repositories/team/app/_layers/sha256/${mounted}/link`, `sha256:${mounted}`, 0.5);
    const old = storage.blob("old", "team/app");
    await storage.run(["collect"]);
    expect([young, mounted, old].map((hex) => storage.has(hex))).toEqual([true, true, false]);
  });

  it("never touches an upload", async () => {
    storage.blob("old", "team/app");
    storage.file("repositories/team/app/_uploads/7c3c/data", "half");
    storage.file("repositories/team/app/_uploads/7c3c/startedat", "2026");
    await storage.run(["collect"]);
    expect(Object.keys(storage.tree())).toEqual([
      "repositories/team/app/_uploads/7c3c/data",
      "repositories/team/app/_uploads/7c3c/startedat",
    ]);
  });

  it("knows digests wherever and however a manifest writes them", async () => {
    const layer = storage.blob("a layer", "team/app");
    const mentioned = storage.blob("mentioned", "team/app");
    const disguised = `sha256:${layer}`.replace("sha256:", "\\u0073ha256\\u003A").replace(/a/g, "\\u0061");
    const text = `{"schemaVersion":2,"annotations":{"say \\"hi\\"\\\\":"x","base":"sha256:${mentioned}"},"layers":[{"digest":"${disguised}"}]}`;
    expect(JSON.parse(text).layers[0].digest).toBe(`sha256:${layer}`);
    storage.manifest("team/app", text, "latest");
    const { output } = await storage.run(["collect"]);
    expect(output).toContain("nothing to collect");
  });

  it("keeps what a deleted child of an index names", async () => {
    const child = storage.image("team/app", undefined);
    storage.index("team/app", "latest", [child.manifest]);
    fs.rmSync(path.join(storage.root, `repositories/team/app/_manifests/revisions/sha256/${child.manifest}`), {
      recursive: true,
    });
    expect((await storage.run(["collect"])).output).toContain("nothing to collect");
    expect([child.manifest, ...child.blobs].every((hex) => storage.has(hex))).toBe(true);
  });

  it("takes many at once", async () => {
    for (let i = 0; i < 450; i++) {
      storage.blob(`blob ${i}`, "team/app");
    }
    storage.image("team/app", "latest");
    const before = storage.tree();
    expect((await storage.run(["collect"])).output).toContain("moved into the trash: 450 blobs");
    expect(blobsOf(storage.tree())).toHaveLength(4);
    await storage.run(["undo"]);
    expect(storage.tree()).toEqual(before);
  });

  it("is refused while another one is at work, and not for ever when that one is gone", async () => {
    const lock = path.join(storage.ipc, "maintaining");
    fs.mkdirSync(lock);
    fs.writeFileSync(path.join(lock, "pid"), String(process.pid));
    expect(await storage.run(["collect"])).toMatchObject({ exitCode: 75 });
    fs.writeFileSync(path.join(lock, "pid"), "4194305");
    expect(await storage.run(["collect"])).toMatchObject({ exitCode: 0 });
  });

  it("asks the cache to forget, and leaves a mark while that is not sure", async () => {
    storage.blob("old");
    storage.addForgetter("exit 1");
    await storage.run(["collect"]);
    expect(fs.readdirSync(storage.status)).toContain("cache-not-forgotten");
    storage.blob("older");
    storage.addForgetter('echo "$1" >"$(dirname "$0")/asked"');
    await storage.run(["collect"]);
    expect(fs.readdirSync(storage.status)).not.toContain("cache-not-forgotten");
    expect(fs.readFileSync(path.join(storage.folder, "bin/asked"), "utf8")).toMatch(/^\d{8}T\d{6}Z-/);
  });

  it("brings everything back when its time is over", async () => {
    storage.remove();
    storage = new FakeStorage({ windowSeconds: 0 });
    storage.blob("old", "team/app");
    const before = storage.tree();
    expect(await storage.run(["collect"])).toMatchObject({ exitCode: 1 });
    expect(storage.report()).toMatchObject({ outcome: "restored" });
    expect(storage.tree()).toEqual(before);
  });

  it("empties the trash after the days for which it can be undone", async () => {
    storage.blob("old");
    await storage.run(["collect"]);
    const [run] = inTrash();
    const then = Date.now() / 1000 - 8 * 86400;
    fs.utimesSync(path.join(storage.data, "maintenance/trash", run), then, then);
    expect((await storage.run(["collect"])).output).toContain(`emptied from the trash: ${run}`);
    expect(inTrash()).toEqual([]);
  });
});

describe("undo", () => {
  it("overwrites nothing that was pushed since", async () => {
    const { manifest, blobs } = storage.image("team/app", "old");
    storage.deleteManifest("team/app", manifest);
    await storage.run(["collect"]);
    storage.image("team/app", "old");
    const name = `repositories/team/app/_layers/sha256/${blobs[0]}/link`;
    storage.file(name, `sha256:${blobs[0]}`, 0);
    const since = storage.tree();
    expect(await storage.run(["undo"])).toMatchObject({ exitCode: 0 });
    expect(storage.tree()).toEqual(since);
    expect(Date.now() - fs.statSync(path.join(storage.root, name)).mtimeMs).toBeLessThan(60000);
  });

  it("has nothing to do where nothing was collected", async () => {
    expect(await storage.run(["undo"])).toMatchObject({ exitCode: 1, output: "maintenance: the trash is empty" });
  });
});

describe("a damaged storage", () => {
  let image: ReturnType<FakeStorage["image"]>;
  beforeEach(() => {
    image = storage.image("team/app", "latest");
    storage.blob("old", "team/app");
  });
  const blob = (hex: string) => `blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
  const layer = (hex: string) => `repositories/team/app/_layers/sha256/${hex}/link`;

  const FAULTS: { readonly [fault: string]: () => string } = {
    "an empty link to a layer": () => plant(layer(image.blobs[0]), ""),
    "an empty tag": () => plant("repositories/team/app/_manifests/tags/latest/current/link", ""),
    "an empty link to a manifest": () =>
      plant(`repositories/team/app/_manifests/revisions/sha256/${image.manifest}/link`, ""),
    "a link with something else in it": () => plant(layer(image.blobs[0]), "sha256:abc"),
    "a link with the digest of another blob": () => plant(layer(image.blobs[0]), `sha256:${sha256("x")}`),
    "a truncated manifest": () => plant(blob(image.manifest), '{"schemaVersion":2,'),
    "an empty manifest": () => plant(blob(image.manifest), ""),
    "a missing manifest": () => gone(blob(image.manifest)),
    "a missing layer": () => gone(blob(image.blobs[0])),
    "an empty layer": () => plant(blob(image.blobs[0]), ""),
  };
  const plant = (file: string, content: string) => {
    storage.file(file, content);
    return file;
  };
  const gone = (file: string) => {
    fs.rmSync(path.join(storage.root, path.dirname(file)), { recursive: true });
    return file;
  };

  it.each(Object.keys(FAULTS))("with %s is not collected, and the file is named", async (fault) => {
    const file = FAULTS[fault]();
    const before = storage.tree();
    const { exitCode, output } = await storage.run(["collect"]);
    expect(exitCode).toBe(1);
    expect(output).toContain(`damaged: ${file}: `);
    expect(storage.tree()).toEqual(before);
    expect(storage.report()).toMatchObject({ outcome: "damaged", damaged: [expect.stringContaining(file)], blobs: 0 });
    expect(fs.readFileSync(path.join(storage.status, "maintenance.prom"), "utf8")).toMatch(
      /^registry_maintenance_damaged_files 1$/m,
    );
    expect(await storage.run(["check"])).toMatchObject({ exitCode: 1 });
  });

  it("is none where a base image is only mentioned, or a layer lies elsewhere", async () => {
    storage.manifest("team/app", {
      layers: [{ digest: `sha256:${sha256("foreign")}`, urls: ["https://example.com"] }],
    });
    expect((await storage.run(["check"])).output).toMatch(/no fault: 2 manifests/);
  });
});

describe("a collection that is killed", () => {
  // Each step writes its name by mv, and moving is mv.
  const killer = (at: number, when: "before" | "after") => {
    const bin = path.join(storage.folder, "killer");
    fs.mkdirSync(bin, { recursive: true });
    const count = path.join(bin, "count");
    fs.writeFileSync(count, "");
    const kill = `[ "$(wc -l <${count})" -ne ${at} ] || kill -KILL "$PPID"`;
    const mv = `#!/bin/sh\necho >>${count}\n${when === "before" ? `${kill}\n` : ""}/bin/mv "$@"\n${when === "after" ? `${kill}\n` : ""}`;
    fs.writeFileSync(path.join(bin, "mv"), mv, { mode: 0o755 });
    return { PATH: `${bin}:${process.env.PATH}` };
  };

  it.each(["before", "after"] as const)(
    "%s any of its moves loses nothing, and the next one completes",
    async (when) => {
      const kept = storage.image("team/app", "latest");
      const old = storage.image("other/app", "old");
      storage.blob("old", "team/app");
      storage.deleteManifest("other/app", old.manifest);
      const before = storage.tree();
      let killed = 0;
      for (let at = 1; ; at++) {
        const { exitCode } = await storage.run(["collect"], killer(at, when));
        await storage.recover();
        expect([kept.manifest, ...kept.blobs].every((hex) => storage.has(hex))).toBe(true);
        if (JSON.stringify(storage.tree()) !== JSON.stringify(before)) {
          // It was past the point from which it is finished: what is in the trash is whole.
          expect(blobsOf(storage.tree())).toHaveLength(4);
          expect(await storage.run(["undo"])).toMatchObject({ exitCode: 0 });
          expect(storage.tree()).toEqual(before);
        }
        if (exitCode === 0) {
          break;
        }
        killed++;
      }
      expect(killed).toBeGreaterThan(8);
      expect((await storage.run(["collect"])).output).toContain("moved into the trash: 5 blobs");
      expect(blobsOf(storage.tree())).toHaveLength(4);
    },
    180000,
  );
});
