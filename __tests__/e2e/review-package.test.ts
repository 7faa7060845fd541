import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { repository } from "../../testing/machine/checkout";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";

describe("the review as a package, in a project that has nothing of this library", () => {
  const name = runName("reviewpackage");
  let project: string;

  const run = (command: string, args: string[], cwd = project) =>
    execa(command, args, { cwd, env: { CHECKPOINT_DISABLE: "1", TF_VAR_token: "canary-of-a-token" }, reject: false });
  const review = (...args: string[]) => run("node", ["node_modules/cdktf-plan-review/dist/main.js", ...args]);

  const write = (replicas: number) =>
    fs.writeFileSync(
      path.join(project, "main.js"),
      `
const { App, LocalBackend, TerraformResource, TerraformStack, TerraformVariable } = require("cdktf");
class Data extends TerraformResource {
  constructor(scope, id, values) { super(scope, id, { terraformResourceType: "terraform_data" }); this.values = values; }
  synthesizeAttributes() { return this.values; }
}
const app = new App();
const network = new TerraformStack(app, "network");
const shop = new TerraformStack(app, "shop");
shop.addDependency(network);
new LocalBackend(network, { path: "../../../network.tfstate" });
new LocalBackend(shop, { path: "../../../shop.tfstate" });
new Data(network, "Address", { input: "10.0.0.0/8" });
const token = new TerraformVariable(shop, "token", { type: "string", sensitive: true });
new Data(shop, "Service", { triggers_replace: { replicas: ${replicas}, token: token.stringValue } });
app.synth();
`,
    );

  beforeAll(async () => {
    project = scratchDirectory(name);
    const source = path.join(project, "source");
    fs.cpSync(path.join(repository, "review"), path.join(source, "review"), { recursive: true });
    fs.copyFileSync(path.join(repository, "tsconfig.json"), path.join(source, "tsconfig.json"));
    fs.symlinkSync(path.join(repository, "node_modules"), path.join(source, "node_modules"));
    const packed = await execa("npm", ["pack", "--silent"], {
      cwd: path.join(source, "review"),
      env: { PATH: `${path.join(repository, "node_modules", ".bin")}:${process.env.PATH}` },
    });
    const modules = path.join(project, "node_modules");
    fs.mkdirSync(path.join(modules, "cdktf-plan-review"), { recursive: true });
    const tarball = path.join(source, "review", packed.stdout.trim().split("\n").at(-1) ?? "");
    await execa("tar", ["-xzf", tarball, "--strip-components=1"], { cwd: path.join(modules, "cdktf-plan-review") });
    removeDirectory(source);
    for (const dependency of ["cdktf", "constructs", ...dependencies(modules)]) {
      fs.symlinkSync(path.join(repository, "node_modules", dependency), path.join(modules, dependency));
    }
    fs.writeFileSync(path.join(project, "cdktf.json"), JSON.stringify({ app: "node main.js" }));
    fs.writeFileSync(path.join(project, ".gitignore"), "node_modules\ncdktf.out\n*.tfstate*\n.review-key\n");
    write(1);
    for (const args of [
      ["init", "--quiet"],
      ["add", "--all"],
    ]) {
      await execa("git", args, { cwd: project });
    }
    await execa(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=first"],
      {
        cwd: project,
      },
    );
  });
  afterAll(() => removeDirectory(project));

  /** What its package.json says that it needs, and nothing else. */
  function dependencies(modules: string): string[] {
    const file = path.join(modules, "cdktf-plan-review", "package.json");
    return Object.keys(JSON.parse(fs.readFileSync(file, "utf8")).dependencies);
  }

  it("plans its stacks in the order in which they depend on each other", async () => {
    const { exitCode, stdout, stderr } = await review("--format", "json");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
    const { environments } = JSON.parse(stdout);
    expect(environments.map(({ environment }: { environment: string }) => environment)).toEqual(["network", "shop"]);
  });

  it("says what forces a replacement, shows no secret, and knows when nothing changes", async () => {
    const folder = path.join(project, "cdktf.out", "stacks", "shop");
    expect(await run("terraform", ["apply", "-auto-approve", "-no-color"], folder)).toMatchObject({ exitCode: 0 });
    expect(await review("shop")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("unchanged: shop") });
    write(2);
    const { exitCode, stdout, stderr } = await review("shop");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining("Service is replaced, forced by triggers_replace"),
    });
    expect(stdout).toContain("triggers_replace.replicas: 1 → 2");
    expect(`${stdout}${stderr}`).not.toContain("canary");
  });

  it("compares with a commit", async () => {
    const { exitCode, stdout } = await review("--against", "HEAD", "--format", "markdown");
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 2, stdout: expect.stringContaining("it is no plan") });
    expect(stdout).toContain("**Service** differs");
    expect(stdout).toContain("Unchanged: `network`");
  });
});
