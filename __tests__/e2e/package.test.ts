import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { basicAuth, request } from "../../testing/clients/http";
import { repository } from "../../testing/machine/checkout";
import { objectsOf, removeObjects } from "../../testing/machine/engine-objects";
import { freePort } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { Terraform } from "../../testing/machine/terraform";

/** An infrastructure team's own project: the tarball, cdktf, and nothing of this repository. */
describe("the package in a project of someone else", () => {
  const id = runName("package");
  let project: string;
  let sources: string[];
  let assets: string[];
  let tarball: string;
  let port: number;
  let terraform: Terraform;

  const run = (command: string, args: string[], cwd = project) =>
    execa(command, args, { cwd, env: { CHECKPOINT_DISABLE: "1" }, all: true });

  beforeAll(async () => {
    project = scratchDirectory(id);
    port = await freePort();
    const files = fs
      .readdirSync(path.join(repository, "lib"), { recursive: true, encoding: "utf8" })
      .filter((file) => fs.statSync(path.join(repository, "lib", file)).isFile());
    sources = files.filter((file) => file.endsWith(".ts")).map((file) => file.replace(/\.ts$/, ""));
    assets = files.filter((file) => /\.(awk|js|sh)$/.test(file));
    await run("npm", ["pack", "--pack-destination", project], repository);
    tarball = path.join(project, fs.readdirSync(project).find((file) => file.endsWith(".tgz")) ?? "no tarball");
  });
  afterAll(async () => {
    await removeObjects(await objectsOf((name) => name.startsWith(id)));
    removeDirectory(project);
  });

  it("holds what a user needs and nothing else", async () => {
    const { stdout } = await run("tar", ["--list", "--gzip", "--file", tarball]);
    const files = stdout.split("\n").map((file) => file.replace(/^package\//, ""));
    const own = [
      ...["package.json", "API.md", "README.md", "CHANGELOG.md", "LICENSE", ".jsii"],
      ...assets.map((file) => `dist/${file}`),
      ...sources.flatMap((file) => [`dist/${file}.js`, `dist/${file}.d.ts`]),
    ];
    expect(files.filter((file) => !file.startsWith("node_modules/yaml/")).sort()).toEqual(own.sort());
    expect(files).toContain("node_modules/yaml/package.json");
  });

  it("brings a reference of every public class", async () => {
    const { stdout: reference } = await run("tar", ["--extract", "--to-stdout", "--file", tarball, "package/API.md"]);
    const index = fs.readFileSync(path.join(repository, "lib", "index.ts"), "utf8");
    const names = [...index.matchAll(/export \{([^}]+)\}/g)].flatMap(([, list]) =>
      list.split(",").map((name) => name.replace("type ", "").trim()),
    );
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => name !== "" && !reference.includes(`### ${name} `))).toEqual([]);
  });

  it("is installed with its peers", async () => {
    fs.writeFileSync(path.join(project, "package.json"), '{ "name": "infrastructure", "private": true }');
    const tools = ["typescript@5.9", "@types/node@20"];
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball, ...tools]);
    expect(fs.existsSync(path.join(project, "node_modules", "cdktf", "package.json"))).toBe(true);
  });

  it("type-checks in a program of at most twenty lines", async () => {
    expect(program(id, port).trim().split("\n").length).toBeLessThanOrEqual(20);
    fs.writeFileSync(path.join(project, "main.ts"), program(id, port, OF_THIS_MACHINE));
    fs.writeFileSync(
      path.join(project, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "ES2022",
          module: "CommonJS",
          strict: true,
          skipLibCheck: true,
          types: ["node"],
          outDir: "out",
        },
        files: ["main.ts"],
      }),
    );
    await run("npx", ["tsc"]);
  });

  it("synthesises", async () => {
    await run("node", ["out/main.js"]);
    expect(fs.existsSync(path.join(project, "cdktf.out", "stacks", id, "cdk.tf.json"))).toBe(true);
  });

  it("deploys, answers, and has nothing left to change", async () => {
    terraform = new Terraform(path.join(project, "cdktf.out", "stacks", id));
    await terraform.init();
    await terraform.plan();
    await terraform.applyPlan();
    const { users, ca_certificate: ca } = await terraform.outputs();
    const headers = { authorization: basicAuth("reader", (users as { reader: string }).reader) };
    expect((await request(`https://localhost:${port}/v2/`, { ca: ca as string, headers })).status).toBe(200);
    expect((await terraform.plan()).isEmpty).toBe(true);
  });

  it("is destroyed without a trace", async () => {
    await terraform.destroy();
    expect(await objectsOf((name) => name.startsWith(id))).toEqual([]);
  });
});

/** Images of this machine, and data that may go: nothing that a team would write. */
const OF_THIS_MACHINE = `  protectData: false,
  registryOptions: { image: RegistryImage.of(${JSON.stringify(images.registry.reference)}, ${images.registry.majorVersion}) },
  proxyOptions: { image: ContainerImage.of(${JSON.stringify(images.nginx.reference)}) },
  redisOptions: { image: ContainerImage.of(${JSON.stringify(images.redis.reference)}) },
`;

/** What a team writes for a registry with TLS, users, a cache and client trust. */
function program(id: string, port: number, more = ""): string {
  return `import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack } from "cdktf";
import { ContainerImage, HtpasswdUser, PrivateRegistry, PublicEndpoint, RegistryImage } from "cdktf-docker-registry";

const app = new App();
const stack = new TerraformStack(app, ${JSON.stringify(id)});
new DockerProvider(stack, "Docker");
new LocalProvider(stack, "Local");
new RandomProvider(stack, "Random");
new TlsProvider(stack, "Tls");
new PrivateRegistry(stack, "Default", {
  endpoint: PublicEndpoint.https({ host: "localhost", port: ${port} }),
  users: [HtpasswdUser.generated("reader")],
  redisCache: true,
${more}}).addOutputs();
app.synth();
`;
}
