import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import { ModuleKind, transpileModule } from "typescript";
import { shipped } from "../../../environments/shipped";
import { readme, repository, type Sample, samples } from "./readme-samples";

/** The stack that the samples speak of. */
function stackWithProviders(): TerraformStack {
  const stack = new TerraformStack(new App(), "production");
  new DockerProvider(stack, "Docker");
  new LocalProvider(stack, "Local");
  new RandomProvider(stack, "Random");
  new TlsProvider(stack, "Tls");
  return stack;
}

function run({ code, isEnvironment }: Sample, stack?: TerraformStack): { [name: string]: any } {
  const { outputText } = transpileModule(code, { compilerOptions: { module: ModuleKind.CommonJS } });
  const load = (name: string) => {
    if (name === "cdktf-docker-registry") {
      return require("../../../lib");
    }
    return isEnvironment && name.startsWith(".") ? require(path.join(repository, "environments", name)) : require(name);
  };
  const exported = {};
  new Function("require", "exports", ...(stack ? ["stack"] : []), outputText)(load, exported, stack);
  return exported;
}

describe("a sample of the README", () => {
  const parts = samples().filter(({ code, isEnvironment }) => !isEnvironment && !code.includes("new App()"));

  test.each(parts.map((sample) => [sample.name, sample] as const))("synthesises: %s", (_, sample) => {
    const stack = stackWithProviders();
    run(sample, stack);
    expect(JSON.parse(Testing.synth(stack, true)).resource.docker_container).toBeDefined();
  });

  test.each(parts.map((sample) => [sample.name, sample] as const))("is short: %s", (_, { code }) => {
    expect(code.split("\n").filter((line) => line !== "" && !line.startsWith("import")).length).toBeLessThanOrEqual(10);
  });

  test("is an environment that becomes a stack", () => {
    const [sample] = samples().filter(({ isEnvironment }) => isEnvironment);
    const { production } = run(sample);
    const synthesised = JSON.parse(Testing.synth(production.create(new App(), "production"), true));
    expect(synthesised.terraform.backend).toHaveProperty("gcs");
  });
});

describe("the README", () => {
  test("lists the environments with their addresses", () => {
    const rows = [...readme.matchAll(/^\| `([\w-]+)` \| `\w+Stack` \| `(\S+)` \|/gm)].map(([, name, url]) => [
      name,
      url,
    ]);
    expect(rows).toEqual(Object.entries(shipped).map(([name, { endpoint }]) => [name, endpoint.url]));
  });

  test.each(["README.md", "help"])("and help name no command that package.json does not have: %s", (file) => {
    const { scripts } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8"));
    const text = readFileSync(path.join(repository, file), "utf8");
    const named = [...text.matchAll(/npm (?:run (?:--silent )?)?(start|stop|test|(?<=run (?:--silent )?)[\w:]+)/g)];
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, name]) => name).filter((name) => !(name in scripts))).toEqual([]);
  });

  test("shows every folder of the repository", () => {
    const shown = [...readme.matchAll(/^(\w+)\/ {2,}\S/gm)].map(([, folder]) => folder);
    const source = (folder: string) =>
      readdirSync(path.join(repository, folder), { recursive: true }).some((file) =>
        /\.(ts|mod|sh|md)$/.test(String(file)),
      );
    const made = ["node_modules", "dist", "cdktf.out", "state", "packages", "coverage", "client-trust"];
    const folders = readdirSync(repository, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !made.includes(entry.name))
      .map(({ name }) => name)
      .filter(source);
    expect(shown.sort()).toEqual(folders.sort());
  });

  test("links to what is there", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link);
    expect(links.filter((link) => !existsSync(path.join(repository, link)))).toEqual([]);
  });
});
