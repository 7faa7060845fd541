import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import { ModuleKind, transpileModule } from "typescript";
import type { Environment } from "../../../environments/environment";
import { NginxProxy, PublicEndpoint, RegistryContainer } from "../../../lib";
import { repository, type Sample, samples, textOf } from "./pages";
import { PublicApi } from "./public-api";

/** The stack that the samples speak of. */
function stackWithProviders(): TerraformStack {
  const stack = new TerraformStack(new App(), "production");
  new DockerProvider(stack, "Docker");
  new LocalProvider(stack, "Local");
  new RandomProvider(stack, "Random");
  new TlsProvider(stack, "Tls");
  return stack;
}

function run({ code, isEnvironment }: Sample, stack?: TerraformStack): { [name: string]: unknown } {
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

const typescript = samples("ts").map((sample) => [sample.name, sample] as const);

describe("a sample of the documentation", () => {
  const parts = typescript.filter(([, { isEnvironment, isApp }]) => !isEnvironment && !isApp);

  test.each(parts)("synthesises: %s", (_, sample) => {
    const stack = stackWithProviders();
    run(sample, stack);
    const { docker_container, docker_service } = JSON.parse(Testing.synth(stack, true)).resource;
    expect(docker_container ?? docker_service).toBeDefined();
  });

  test.each(parts)("is short: %s", (_, { code }) => {
    const [, body] = code.split(/\n\n([\s\S]*)/);
    expect(body.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(10);
  });

  test.each(typescript.filter(([, { isApp }]) => isApp))("is a whole app: %s", (_, sample) => {
    const outdir = mkdtempSync(path.join(tmpdir(), "sample-"));
    process.env.CDKTF_OUTDIR = outdir;
    try {
      run(sample);
      const synthesised = readFileSync(path.join(outdir, "stacks", "registry", "cdk.tf.json"), "utf8");
      expect(JSON.parse(synthesised).resource.docker_container).toBeDefined();
    } finally {
      delete process.env.CDKTF_OUTDIR;
      rmSync(outdir, { recursive: true });
    }
  });

  test.each(typescript.filter(([, { isEnvironment }]) => isEnvironment))("becomes a stack: %s", (_, sample) => {
    const [[name, environment]] = Object.entries(run(sample) as { [name: string]: Environment });
    const synthesised = JSON.parse(Testing.synth(environment.create(new App(), name), true));
    expect(synthesised.resource.docker_container).toBeDefined();
  });
});

test("the README shows an error as the library words it", () => {
  const stack = stackWithProviders();
  const registry = new RegistryContainer(stack, "Registry");
  const endpoint = PublicEndpoint.http({ host: "localhost" });
  let message = "";
  try {
    new NginxProxy(stack, "Proxy", { endpoint, registry, bodyLimitMiB: -1 });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).not.toBe("");
  expect(textOf("README.md")).toContain(`\n${message}\n`);
});

describe("a sample in Python", () => {
  const api = new PublicApi();
  const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

  test.each(samples("python").map((sample) => [sample.name, sample] as const))(
    "names what there is: %s",
    (_, { code }) => {
      const [, imported] = /^from cdktf_docker_registry import (.*)$/m.exec(code) ?? [];
      const classes = imported.split(", ");
      const names = [...code.matchAll(/\b([a-z]\w*)=(?!=)/g), ...code.matchAll(/\.([a-z]\w*)\(/g)].map(
        ([, name]) => name,
      );
      const unused = classes.filter((name) => code.split(name).length < 3);
      expect(unused).toEqual([]);
      expect(classes.filter((name) => !api.exports(name))).toEqual([]);
      expect(names.filter((name) => !api.hasMember(camelCase(name)))).toEqual([]);
    },
  );
});
