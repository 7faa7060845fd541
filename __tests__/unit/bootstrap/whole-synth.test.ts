import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { synthWhole } from "../../../bootstrap/whole-synth";
import { PublicEndpoint } from "../../../lib";
import { HttpRegistryStack } from "../../../stacks";
import { images } from "../stacks/upstream-images";

describe("a synth", () => {
  const outdir = mkdtempSync(join(tmpdir(), "whole-synth-"));
  const file = join(outdir, "stacks", "one", "cdk.tf.json");
  const synth = (port: number) =>
    synthWhole((app) => {
      new HttpRegistryStack(app, "one", { endpoint: PublicEndpoint.http({ host: "localhost", port }), images });
    });

  beforeEach(() => {
    process.env.CDKTF_OUTDIR = outdir;
  });
  afterEach(() => {
    delete process.env.CDKTF_OUTDIR;
  });
  afterAll(() => rmSync(outdir, { recursive: true }));

  test("writes what App.synth() writes, manifest included", () => {
    synth(5080);
    const plain = join(outdir, "plain");
    mkdirSync(plain);
    const app = new App({ outdir: plain });
    new HttpRegistryStack(app, "one", { endpoint: PublicEndpoint.http({ host: "localhost", port: 5080 }), images });
    app.synth();
    expect(readFileSync(file, "utf8")).toBe(readFileSync(join(plain, "stacks", "one", "cdk.tf.json"), "utf8"));
    expect(JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"))).toEqual(
      JSON.parse(readFileSync(join(plain, "manifest.json"), "utf8")),
    );
  });

  test("never changes a file that another command may be reading: it puts a new one in its place", () => {
    synth(5080);
    const before = { inode: statSync(file).ino, text: readFileSync(file, "utf8") };
    synth(5080);
    expect(statSync(file).ino).toBe(before.inode);
    synth(5081);
    expect(readFileSync(file, "utf8")).not.toBe(before.text);
    expect(statSync(file).ino).not.toBe(before.inode);
  });

  test("leaves what Terraform and cdktf keep beside it", () => {
    writeFileSync(join(outdir, "stacks", "one", ".terraform.lock.hcl"), "# kept\n");
    synth(5082);
    expect(readFileSync(join(outdir, "stacks", "one", ".terraform.lock.hcl"), "utf8")).toMatch(/^# kept\n/);
  });

  test("closes its folder to other accounts: plans that cdktf leaves there hold secrets", () => {
    synth(5080);
    expect(statSync(outdir).mode & 0o077).toBe(0);
  });
});
