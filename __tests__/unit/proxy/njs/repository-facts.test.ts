import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import repositoryFacts from "../../../../lib/proxy/njs/repository-facts.js";

let root: string;

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "facts-")));
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const hex = (letter: string) => letter.repeat(64);
const inRepository = (...parts: string[]) => path.join(root, "repositories/team/app", ...parts);

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

const tag = (name: string, text = `sha256:${hex("a")}`) =>
  write(inRepository("_manifests/tags", name, "current/link"), text);

function layer(letter: string, bytes: number): void {
  write(inRepository("_layers/sha256", hex(letter), "link"), `sha256:${hex(letter)}`);
  write(path.join(root, "blobs/sha256", hex(letter).slice(0, 2), hex(letter), "data"), "x".repeat(bytes));
}

const facts = () => repositoryFacts.factsOf(fs, root, "team/app");

describe("the facts of a repository", () => {
  test("are its tags with digest and time, and the bytes of its layers", () => {
    tag("2");
    tag("1", `sha256:${hex("b")}`);
    layer("c", 5);
    layer("d", 7);
    const time = new Date("2026-01-31T12:00:00Z");
    fs.utimesSync(inRepository("_manifests/tags/1/current/link"), time, time);
    expect(facts()).toEqual({
      tags: [
        { name: "1", digest: `sha256:${hex("b")}`, pushed: time.getTime() },
        { name: "2", digest: `sha256:${hex("a")}`, pushed: expect.any(Number) },
      ],
      bytes: 12,
    });
  });

  test("leave out a tag that is being deleted, a layer whose file is gone, and what is no name", () => {
    tag("1");
    fs.mkdirSync(inRepository("_manifests/tags/gone/current"), { recursive: true });
    tag("-odd");
    layer("c", 5);
    write(inRepository("_layers/sha256", hex("e"), "link"), `sha256:${hex("e")}`);
    write(inRepository("_layers/sha256", "nonsense", "link"), "");
    fs.rmSync(inRepository("_layers/sha256", hex("c"), "link"));
    expect(facts()).toMatchObject({ tags: [{ name: "1" }], bytes: 0 });
  });

  test.each(["", "sha256:abc", `sha512:${hex("a")}`, "x".repeat(1000)])("have no digest of a link with %j", (text) => {
    tag("1", text);
    expect(facts()?.tags).toEqual([{ name: "1", pushed: expect.any(Number) }]);
  });

  test("do not follow a link to another file", () => {
    write(path.join(root, "secret"), `sha256:${hex("f")}`);
    fs.mkdirSync(inRepository("_manifests/tags/1/current"), { recursive: true });
    fs.symlinkSync(path.join(root, "secret"), inRepository("_manifests/tags/1/current/link"));
    expect(facts()?.tags).toEqual([]);
  });

  test("are the registry's to tell where there is no such repository, or far too much to read", () => {
    expect(facts()).toBeUndefined();
    for (let i = 0; i <= 2000; i++) {
      fs.mkdirSync(inRepository("_manifests/tags", `${i}`), { recursive: true });
    }
    expect(facts()).toBeUndefined();
  });
});
