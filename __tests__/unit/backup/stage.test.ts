import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { FakeStorage, sha256 } from "../maintenance/fake-storage";

const script = path.join(__dirname, "../../../lib/backup/scripts/stage.sh");
const repositories = "docker/registry/v2/repositories";

let storage: FakeStorage;
let home: string;

beforeEach(() => {
  storage = new FakeStorage();
  home = path.join(storage.folder, "home");
  fs.mkdirSync(home);
});
afterEach(() => storage.remove());

/** Copies the links; before its so manieth look at the storage something else happens. */
async function stage(look = 0, meanwhile = "true"): Promise<{ [link: string]: string }> {
  const shim = `looks=0
    find() { case $PWD in ${storage.data}/*) looks=$((looks + 1)); [ $looks -ne ${look} ] || (${meanwhile}) ;; esac; command find "$@"; }`;
  const values = `home=${home} data=${storage.data} links=${home}/links tree=docker/registry/v2`;
  await execa("sh", ["-c", `set -u; ${values}; . ${script}; ${shim}; stage`]);
  const root = path.join(home, "links", repositories);
  const files = fs.readdirSync(root, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    files.filter((file) => file.endsWith("link")).map((file) => [file, fs.readFileSync(path.join(root, file), "utf8")]),
  );
}

/** What tags of the copy need and the copy lacks. */
function lacking(links: { [link: string]: string }, needed: { [manifest: string]: string[] }): string[] {
  return Object.entries(links)
    .filter(([link]) => link.endsWith("/current/link"))
    .flatMap(([link, digest]) => {
      const [repository] = link.split("/_manifests/");
      const manifest = digest.replace("sha256:", "");
      const layers = (needed[manifest] ?? []).map((hex) => `${repository}/_layers/sha256/${hex}/link`);
      return [`${repository}/_manifests/revisions/sha256/${manifest}/link`, ...layers];
    })
    .filter((link) => !(link in links));
}

describe("the copy of the links", () => {
  it.each([1, 2, 3])("lacks nothing of a tag when another image is pushed before look %i", async (look) => {
    const first = storage.image("team/app", "latest");
    const second = storage.image("team/app", "pushed", { word: "pushed" });
    const all = path.join(storage.data, repositories);
    const aside = path.join(storage.folder, "aside");
    fs.cpSync(all, aside, { recursive: true });
    // Until it is pushed, nothing of it is there.
    for (const hex of [...second.blobs, second.manifest].filter((one) => !first.blobs.includes(one))) {
      fs.rmSync(path.join(all, "team/app/_layers/sha256", hex), { recursive: true, force: true });
      fs.rmSync(path.join(all, "team/app/_manifests/revisions/sha256", hex), { recursive: true, force: true });
    }
    fs.rmSync(path.join(all, "team/app/_manifests/tags/pushed"), { recursive: true });
    const links = await stage(look, `cp -R ${aside}/. ${all}`);
    expect(lacking(links, { [first.manifest]: first.blobs, [second.manifest]: second.blobs })).toEqual([]);
    expect(links["team/app/_manifests/tags/latest/current/link"]).toBe(`sha256:${first.manifest}`);
    expect("team/app/_manifests/tags/pushed/current/link" in links).toBe(look === 1);
  });

  it("leaves out a tag whose manifest is deleted before it is copied", async () => {
    const { manifest } = storage.image("team/app", "latest");
    storage.image("team/app", "kept", { word: "kept" });
    const revision = path.join(storage.data, repositories, "team/app/_manifests/revisions/sha256", manifest);
    const links = await stage(2, `rm -r ${revision}`);
    expect(Object.keys(links).filter((link) => link.includes("/tags/latest/"))).toEqual([]);
    expect(links["team/app/_manifests/tags/kept/current/link"]).toMatch(/^sha256:/);
  });

  it("has the times of the links, and waits for one that is being written", async () => {
    const { manifest } = storage.image("team/app", "latest");
    const link = path.join(storage.data, repositories, "team/app/_manifests/tags/latest/current/link");
    fs.writeFileSync(link, "");
    const writing = new Promise((resolve) => setTimeout(resolve, 250)).then(() => {
      fs.writeFileSync(link, `sha256:${manifest}`);
      fs.utimesSync(link, 1_000_000, 1_000_000);
    });
    const links = await stage();
    await writing;
    expect(links["team/app/_manifests/tags/latest/current/link"]).toBe(`sha256:${manifest}`);
    const copy = path.join(home, "links", repositories, "team/app/_manifests/tags/latest/current/link");
    expect(fs.statSync(copy).mtimeMs).toBe(1_000_000_000);
  });

  it("has a damaged link as it is", async () => {
    storage.image("team/app", "latest");
    const layer = `repositories/team/app/_layers/sha256/${sha256("x")}/link`;
    storage.file(layer, "");
    expect((await stage())[layer.replace("repositories/", "")]).toBe("");
  });
});
