import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "../bootstrap/command";
import { goEnvironment } from "../bootstrap/go";
import { project } from "../bootstrap/project";
import { version } from "../package.json";
import { generate } from "./bindings";

/** What our package calls. Maven Central and the Go proxy do not have all of them everywhere: npm's are compiled. */
const CALLED = ["cdktf", ...["docker", "local", "random", "tls"].map((name) => `@cdktf/provider-${name}`)];

const called = CALLED.map((name) => join(project, "node_modules", name));

/** A Maven repository in a folder, with the package in `folder` and all that it calls. */
export async function mavenRepository(folder: string, out: string): Promise<string> {
  const repository = join(out, "maven");
  mkdirSync(repository, { recursive: true });
  for (const one of [...called, folder]) {
    const source = await generate("java", one, join(out, "java", basename(one)));
    const quick = ["-Dmaven.javadoc.skip=true", "-Dmaven.source.skip=true"];
    const target = `-DaltDeploymentRepository=local::default::file:${repository}`;
    // Also into Maven's own folder, where the next one finds it.
    await run("mvn", ["--quiet", "--batch-mode", ...quick, target, "deploy"], { cwd: source });
  }
  return repository;
}

/** Go modules in one folder each, and the lines of go.mod by which a project takes them. */
export async function goModules(folder: string, out: string): Promise<string> {
  for (const one of [...called, folder]) {
    await generate("go", one, out);
  }
  return join(out, "go");
}

/** Path, version and folder of each module that a project in Go takes. */
export const GO_MODULES: readonly (readonly [path: string, version: string, folder: string])[] = [
  [
    "github.com/cdktf-docker-registry/cdktf-docker-registry-go/cdktfdockerregistry",
    `v${version}`,
    "cdktfdockerregistry",
  ],
  ["github.com/hashicorp/terraform-cdk-go/cdktf", "v0.21.0", "cdktf"],
  ["github.com/cdktf/cdktf-provider-docker-go/docker/v12", "v12.0.3", "docker"],
  ["github.com/cdktf/cdktf-provider-local-go/local/v11", "v11.1.1", "local"],
  ["github.com/cdktf/cdktf-provider-random-go/random/v12", "v12.0.1", "random"],
  ["github.com/cdktf/cdktf-provider-tls-go/tls/v11", "v11.0.1", "tls"],
];

/** Has the project in `directory` take them from `modules`. */
export async function useGoModules(directory: string, modules: string): Promise<void> {
  const edits = GO_MODULES.flatMap(([path, release, folder]) => [
    `-require=${path}@${release}`,
    `-replace=${path}=${join(modules, folder)}`,
  ]);
  await run("go", ["mod", "edit", ...edits], { cwd: directory, env: goEnvironment() });
}
