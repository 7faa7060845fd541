import fs from "node:fs";
import path from "node:path";
import { FakeStorage } from "./fake-storage";

let storage: FakeStorage;

beforeEach(() => {
  storage = new FakeStorage();
});
afterEach(() => storage.remove());

const blobFile = (hex: string) => path.join(storage.root, "blobs/sha256", hex.slice(0, 2), hex, "data");

describe("a full check", () => {
  it("finds a blob whose content is not what its name says, which the short one does not read", async () => {
    const { blobs } = storage.image("team/app", "latest");
    fs.appendFileSync(blobFile(blobs[0]), "!");
    expect(await storage.run(["check"])).toMatchObject({ exitCode: 0 });
    const { exitCode, output } = await storage.run(["check", "--full"]);
    expect({ exitCode, output }).toEqual({
      exitCode: 1,
      output: expect.stringContaining(`${blobs[0]}/data: its content is not what its name says`),
    });
    expect(storage.report()).toMatchObject({ outcome: "damaged", damaged: [expect.stringContaining(blobs[0])] });
  });

  it("finds no fault in what is whole", async () => {
    storage.image("team/app", "latest");
    expect(await storage.run(["check", "--full"])).toMatchObject({ exitCode: 0 });
  });
});

describe("the quarantine", () => {
  it("takes what is damaged and nothing else, says who has it, and has the cache forget", async () => {
    const { blobs, manifest } = storage.image("team/app", "latest");
    storage.addForgetter(`echo "$1" >${storage.folder}/forgotten`);
    fs.appendFileSync(blobFile(blobs[0]), "!");
    fs.truncateSync(blobFile(manifest), 20);
    const { exitCode, output } = await storage.run(["quarantine"]);
    expect(exitCode).toBe(0);
    expect(output).toContain("moved 2 damaged blobs into maintenance/quarantine/");
    expect(output).toContain(`sha256:${blobs[0]} in team/app`);
    expect(output).toContain(`sha256:${manifest} in team/app`);
    expect([...blobs, manifest].map((hex) => storage.has(hex))).toEqual([false, true, true, false]);
    expect(fs.readFileSync(path.join(storage.folder, "forgotten"), "utf8")).toMatch(/^quarantine-/);
    expect(fs.readdirSync(storage.status)).not.toContain("cache-not-forgotten");
    const [run] = fs.readdirSync(path.join(storage.data, "maintenance/quarantine"));
    const kept = path.join(
      storage.data,
      "maintenance/quarantine",
      run,
      path.relative(storage.root, blobFile(blobs[0])),
    );
    expect(fs.readFileSync(kept, "utf8")).toMatch(/!$/);
  });

  it("holds no writes where nothing is damaged", async () => {
    storage.image("team/app", "latest");
    fs.rmSync(path.join(storage.ipc, "serving"), { force: true });
    expect(await storage.run(["quarantine"])).toEqual({ exitCode: 0, output: "maintenance: no blob is damaged" });
  });
});

test("the cache forgets what it knew of the volume before one that was restored, before the registry starts", async () => {
  storage.image("team/app", "latest");
  storage.addForgetter(`echo "$1" >>${storage.folder}/forgotten`);
  const mark = path.join(storage.data, "maintenance/restored");
  fs.mkdirSync(path.dirname(mark), { recursive: true });
  fs.writeFileSync(mark, "");
  await storage.recover();
  await storage.recover();
  expect(fs.readFileSync(path.join(storage.folder, "forgotten"), "utf8")).toMatch(/^restored-\d+\n$/);
  storage.addForgetter("exit 1");
  fs.writeFileSync(mark, "");
  await storage.recover();
  expect(fs.readdirSync(storage.status)).toContain("cache-not-forgotten");
});
