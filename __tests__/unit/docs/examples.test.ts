import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ModuleKind, transpileModule } from "typescript";
import { GO_MODULES } from "../../../packaging/compiled";
import { repository } from "./pages";

const examples = path.join(repository, "examples");
const names = readdirSync(examples).filter((name) => existsSync(path.join(examples, name, "main.ts")));

const readmeOf = (name: string) => readFileSync(path.join(examples, name, "README.md"), "utf8");

describe("a program of examples/", () => {
  it.each(names)("synthesises: %s", (name) => {
    const outdir = mkdtempSync(path.join(tmpdir(), "example-"));
    process.env.CDKTF_OUTDIR = outdir;
    try {
      const source = readFileSync(path.join(examples, name, "main.ts"), "utf8");
      const { outputText } = transpileModule(source, { compilerOptions: { module: ModuleKind.CommonJS } });
      const load = (module: string) => require(module === "cdktf-docker-registry" ? "../../../lib" : module);
      new Function("require", "exports", outputText)(load, {});
      const synthesised = readFileSync(path.join(outdir, "stacks", "registry", "cdk.tf.json"), "utf8");
      expect(JSON.parse(synthesised).resource.docker_container).toBeDefined();
    } finally {
      delete process.env.CDKTF_OUTDIR;
      rmSync(outdir, { recursive: true });
    }
  });

  it.each([...names, "python", "java", "go"])("has a page with its commands: %s", (name) => {
    expect(readmeOf(name)).toMatch(/```sh\n[^`]*terraform .* apply\n/);
  });

  it("takes the modules in Go that the package is made with", () => {
    const taken = [...readmeOf("go").matchAll(/^take (\S+) (\S+) (\S+)$/gm)].map(([, ...module]) => module);
    expect(taken).toEqual(GO_MODULES);
  });
});
