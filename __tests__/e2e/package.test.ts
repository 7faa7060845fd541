import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { version } from "../../package.json";
import { buildWheel, generate } from "../../packaging/bindings";
import { checkNpmPackage } from "../../packaging/gates";
import { packNpm, withUnpacked } from "../../packaging/npm-package";
import { quiet } from "../../packaging/reference/quiet";
import { templateFolder } from "../../packaging/template";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, TestImage } from "../../testing/clients/images";
import { repository } from "../../testing/machine/checkout";
import { objectsOf, removeObjects } from "../../testing/machine/engine-objects";
import { freePort } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { Terraform } from "../../testing/machine/terraform";
import { pythonProgram, typescriptProgram } from "../../testing/stacks/example-program";

/** An infrastructure team's own projects: what we publish, cdktf, and nothing of this repository. */
describe("the package in a project of someone else", () => {
  const id = runName("package");
  const files = fs
    .readdirSync(path.join(repository, "lib"), { recursive: true, encoding: "utf8" })
    .filter((file) => fs.statSync(path.join(repository, "lib", file)).isFile());
  const sources = files.filter((file) => file.endsWith(".ts")).map((file) => file.replace(/\.ts$/, ""));
  const assets = files.filter((file) => !/\.(ts|md)$/.test(file));
  const own = [
    ...["package.json", "API.md", "README.md", "CHANGELOG.md", "LICENSE", ".jsii"],
    ...assets.map((file) => `dist/${file}`),
    ...sources.flatMap((file) => [`dist/${file}.js`, `dist/${file}.d.ts`]),
  ];
  let project: string;
  let inPython: string;
  let tarball: string;
  let wheel: string;
  let port: number;

  const run = (command: string, args: string[], cwd = project) =>
    execa(command, args, {
      cwd,
      all: true,
      env: { CHECKPOINT_DISABLE: "1", ...quiet },
    });
  const packed = async (file: string) =>
    (await run("tar", ["--list", "--gzip", "--file", file])).stdout
      .split("\n")
      .map((name) => name.replace(/^package\//, ""));
  const stackOf = (directory: string) => path.join(directory, "cdktf.out", "stacks", id);
  /** Without the folder of its state. */
  const synthesised = (directory: string) =>
    fs.readFileSync(path.join(stackOf(directory), "cdk.tf.json"), "utf8").replace(`${directory}/`, "");

  beforeAll(async () => {
    project = scratchDirectory(id);
    inPython = path.join(project, "python");
    port = await freePort();
    tarball = await packNpm(project);
    wheel = await withUnpacked(tarball, async (folder) =>
      buildWheel(await generate("python", folder, path.join(project, "generated")), project),
    );
  });
  afterAll(async () => {
    await removeObjects(await objectsOf((name) => name.startsWith(id)));
    removeDirectory(project);
  });

  it("holds what a user needs and nothing else", async () => {
    const names = await packed(tarball);
    const ours = names.filter((file) => !/^(node_modules\/yaml|api)\//.test(file));
    expect(ours.sort()).toEqual([...own].sort());
    expect(names).toContain("api/PrivateRegistry.md");
    expect(names).toContain("node_modules/yaml/package.json");
  });

  it("passes publint and Are The Types Wrong", async () => {
    await checkNpmPackage(tarball);
  });

  it("brings a page of reference for every public class, with samples in four languages", async () => {
    const unpacked = path.join(project, "reference");
    fs.mkdirSync(unpacked);
    await run("tar", ["--extract", "--file", tarball, "--directory", unpacked, "package/api", "package/API.md"]);
    const folder = path.join(unpacked, "package", "api");
    const pages = fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), "utf8"));
    const index = fs.readFileSync(path.join(repository, "lib", "index.ts"), "utf8");
    const names = [...index.matchAll(/export \{([^}]+)\}/g)].flatMap(([, list]) =>
      list.split(",").map((name) => name.replace("type ", "").trim()),
    );
    expect(names.length).toBeGreaterThan(50);
    const all = pages.join("\n");
    expect(names.filter((name) => name !== "" && !new RegExp(`^##? ${name}$`, "m").test(all))).toEqual([]);
    const listed = fs.readFileSync(path.join(unpacked, "package", "API.md"), "utf8");
    expect([...listed.matchAll(/\(api\/\w+\.md\)/g)]).toHaveLength(pages.length);
    const withSamples = pages.filter((page) => page.includes("```ts"));
    expect(withSamples.length).toBeGreaterThan(12);
    for (const marker of ["```python", "```java", "```go"]) {
      expect(withSamples.filter((page) => !page.includes(marker))).toEqual([]);
    }
    // Unit, default and error of one prop of each kind.
    expect(all).toMatch(/^\| `maxMemoryMiB\?` \| `number` \| 128 \| .*MiB.* \|$/m);
    expect(all).toMatch(/^\*\*Throws\*\* when a number is out of its range/m);
  });

  describe("in TypeScript", () => {
    it("is installed with its peers", async () => {
      templateFolder(project, {});
      fs.writeFileSync(path.join(project, "package.json"), '{ "name": "infrastructure", "private": true }');
      const tools = ["typescript@5.9", "@types/node@20"];
      await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball, ...tools]);
      expect(fs.existsSync(path.join(project, "node_modules", "cdktf", "package.json"))).toBe(true);
    });

    it("type-checks in a program of at most twenty lines, and in the template for a team's own project", async () => {
      const example = fs.readFileSync(path.join(repository, "examples", "typescript", "main.ts"), "utf8");
      expect(example.trim().split("\n").length).toBeLessThanOrEqual(20);
      fs.writeFileSync(path.join(project, "example.ts"), typescriptProgram({ id, port }));
      const config = path.join(project, "tsconfig.json");
      fs.writeFileSync(config, fs.readFileSync(config, "utf8").replace('"main.ts"', '"main.ts", "example.ts"'));
      const types = path.join("node_modules", "@types", "jest");
      fs.symlinkSync(path.join(repository, types), path.join(project, types));
      await run("npx", ["tsc"]);
    });

    it("passes the template's own tests", async () => {
      const { all } = await run("node", [path.join(repository, "node_modules", ".bin", "jest")]);
      expect(all).toMatch(/Tests: +[1-9]\d* passed, [1-9]\d* total/);
    });

    it("synthesises", async () => {
      await run("node", ["out/example.js"]);
      expect(JSON.parse(synthesised(project)).resource.docker_container).toBeDefined();
    });
  });

  describe("in Python", () => {
    let terraform: Terraform;

    it("is one wheel with the npm package in it, and nothing else", async () => {
      const { stdout } = await run("python3", ["-m", "zipfile", "-l", wheel]);
      const names = [...stdout.matchAll(/^(cdktf_docker_registry\S+)/gm)].map(([, name]) => name);
      const metadata = ["LICENSE", "METADATA", "RECORD", "WHEEL", "top_level.txt"];
      const inner = `cdktf_docker_registry/_jsii/cdktf-docker-registry@${version}.jsii.tgz`;
      expect(names.map((name) => name.replace(/\.dist-info\/(licenses\/)?/, "/")).sort()).toEqual(
        [
          ...["__init__.py", "py.typed", "_jsii/__init__.py"].map((name) => `cdktf_docker_registry/${name}`),
          ...metadata.map((name) => `cdktf_docker_registry-${version}/${name}`),
          inner,
        ].sort(),
      );
      await run("python3", ["-m", "zipfile", "-e", wheel, path.join(project, "wheel")]);
      expect((await packed(path.join(project, "wheel", inner))).sort()).toEqual((await packed(tarball)).sort());
    });

    it("synthesises, installed by pip, what TypeScript does", async () => {
      fs.mkdirSync(inPython);
      await run("python3", ["-m", "venv", ".venv"], inPython);
      await run(".venv/bin/pip", ["install", "--quiet", "--no-compile", wheel], inPython);
      fs.writeFileSync(path.join(inPython, "main.py"), pythonProgram({ id, port }));
      await run(".venv/bin/python", ["main.py"], inPython);
      expect(synthesised(inPython)).toBe(synthesised(project));
    });

    it("deploys a registry that is pushed to and pulled from", async () => {
      terraform = new Terraform(stackOf(inPython));
      await terraform.init();
      await terraform.plan();
      await terraform.applyPlan();
      const { users, ca_certificate, registry_host } = (await terraform.outputs()) as {
        users: Record<string, string>;
        ca_certificate: string;
        registry_host: string;
      };
      const ca = path.join(project, "ca.crt");
      fs.writeFileSync(ca, ca_certificate);
      const crane = new Crane(project, { ca });
      await crane.login(registry_host, { user: "ci", password: users.ci });
      const image = await TestImage.create(path.join(project, "image"), { layers: [1000, 20000] });
      await crane.push(image.directory, `${registry_host}/team/app:1`);
      const pulled = path.join(project, "pulled");
      await crane.pull(`${registry_host}/team/app:1`, pulled);
      const digests = await digestsBelow(pulled);
      expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
    });

    it("has nothing left to change, and is destroyed without a trace", async () => {
      expect(await terraform.pending()).toBe("");
      await terraform.destroy();
      expect(await objectsOf((name) => name.startsWith(id))).toEqual([]);
    });
  });
});
