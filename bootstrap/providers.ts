import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type GoProgram, goArchitecture, goBuild } from "./go";
import { project } from "./project";
import { elapsed, type Progress } from "./step";
import { attemptTerraform, providerHostOf, type Terraform } from "./terraform";

interface Provider extends GoProgram {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/** What the stacks use; the modules' paths in go.mod are those under which the Go proxy knows these releases. */
const PROVIDERS: readonly Provider[] = [
  provider("hashicorp", "random", "3.7.2", "github.com/terraform-providers/terraform-provider-random"),
  provider("hashicorp", "local", "2.9.0", "github.com/terraform-providers/terraform-provider-local"),
  provider("hashicorp", "tls", "4.2.1", "github.com/hashicorp/terraform-provider-tls"),
  {
    ...provider("kreuzwerker", "docker", "4.5.0", "github.com/terraform-providers/terraform-provider-docker"),
    tags: "no_compose",
    variables: { "main.version": "4.5.0" },
  },
];

function provider(namespace: string, name: string, version: string, main: string): Provider {
  return { namespace, name, version, package: main, directory: join(project, "providers", name) };
}

/** Terraform's own plugin folder, which it searches before it asks a registry. */
export async function ensureProviders(terraform: Terraform, progress: Progress): Promise<string> {
  const missing = PROVIDERS.filter((one) => !existsSync(installedAs(one, terraform)));
  if (missing.length === 0) {
    return `${names(PROVIDERS)} are installed`;
  }
  if (await registryHas(missing, terraform)) {
    return `${names(missing)} come from Terraform's registry`;
  }
  for (const [index, one] of missing.entries()) {
    progress(
      `building ${one.name} ${one.version} (${index + 1} of ${missing.length}): Terraform's registry does not answer`,
    );
    const started = Date.now();
    await goBuild(one, installedAs(one, terraform));
    progress(`${one.name} took ${elapsed(started)}`);
  }
  return `${names(missing)} built and installed in ${pluginFolder()}`;
}

/** The version of a provider such as `kreuzwerker/docker` that was built here, and so is the one that Terraform takes. */
export function builtVersion(source: string): string | undefined {
  const providerHost = providerHostOf(process.env.TERRAFORM_BINARY_NAME ?? "terraform");
  const built = PROVIDERS.filter((one) => existsSync(installedAs(one, { providerHost })));
  return built.find(({ namespace, name }) => `${namespace}/${name}` === source)?.version;
}

const names = (providers: readonly Provider[]): string =>
  providers.map(({ name, version }) => `${name} ${version}`).join(", ");

const pluginFolder = (): string => join(homedir(), ".terraform.d", "plugins");

/** Go and Terraform use the same names for systems; Node differs for one. */
function platform(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return `${system}_${goArchitecture()}`;
}

function installedAs(
  { namespace, name, version }: Provider,
  { providerHost }: Pick<Terraform, "providerHost">,
): string {
  const folder = join(pluginFolder(), providerHost, namespace, name, version, platform());
  return join(folder, `terraform-provider-${name}_v${version}`);
}

/** Asks in the way that a deploy will: with the user's own mirrors, proxies and credentials. */
async function registryHas(providers: readonly Provider[], terraform: Terraform): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "providers-"));
  try {
    const required = Object.fromEntries(
      providers.map(({ namespace, name }) => [name, { source: `${namespace}/${name}` }]),
    );
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ terraform: { required_providers: [required] } }));
    const init = ["init", "-backend=false", "-input=false"];
    const { exitCode } = await attemptTerraform(terraform, init, { cwd: directory, timeoutSeconds: 180 });
    return exitCode === 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
