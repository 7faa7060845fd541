import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../bootstrap/command";
import { project } from "../bootstrap/project";

/** The bindings for CDK Terrain. Its releases of one day were made together; npm has the first only, PyPI all. */
const BINDINGS: { readonly [provider: string]: string } = {
  random: "15.0.1",
  docker: "16.1.0",
  local: "14.0.1",
  tls: "14.1.1",
};

const PEERS = {
  ...Object.fromEntries(Object.entries(BINDINGS).map(([name, version]) => [`@cdktn/provider-${name}`, `^${version}`])),
  cdktn: "^0.24.0",
  constructs: ">=10.6.0 <10.8.0",
};

/** Imports of CDK for Terraform, and what error messages say of them, as they are in CDK Terrain. */
export function toCdktn(source: string): string {
  return source
    .replace(/(?<=(?:from |import\(|require\()["'])cdktf(?=["'])/g, "cdktn")
    .replace(/(?<=from ["'])cdktf(?=-docker-registry["'])/g, "cdktn")
    .replace(/@cdktf\/provider-/g, "@cdktn/provider-");
}

/** Copies folders of this project, rewritten for CDK Terrain, to where its packages are found. */
export async function copyForCdktn(out: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    cpSync(join(project, folder), join(out, folder), { recursive: true });
    const files = readdirSync(join(out, folder), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => /\.ts(-fixture)?$/.test(name))) {
      const path = join(out, folder, file);
      writeFileSync(path, toCdktn(readFileSync(path, "utf8")));
    }
  }
  await linkModules(join(out, "node_modules"));
}

/** The source of the package `cdktn-docker-registry`, ready for `npm pack`. */
export async function cdktnProject(out: string): Promise<void> {
  await copyForCdktn(out, ["lib", "browser", "packaging/reference", "rosetta"]);
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    cpSync(join(project, file), join(out, file));
  }
  writeFileSync(join(out, "package.json"), cdktnManifest(readFileSync(join(project, "package.json"), "utf8")));
}

/** package.json with the other name, its peers and nothing that only this project needs. */
export function cdktnManifest(text: string): string {
  const { devDependencies, scripts, overrides, name, jsii, ...rest } = JSON.parse(text);
  const { build, api, prepack } = scripts;
  const manifest = {
    name: renamed(name),
    ...rest,
    jsii: { ...jsii, targets: JSON.parse(renamed(JSON.stringify(jsii.targets))) },
    scripts: { build, api, prepack },
    peerDependencies: PEERS,
    devDependencies: { ...exact(PEERS), jsii: devDependencies.jsii, "jsii-rosetta": devDependencies["jsii-rosetta"] },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const renamed = (text: string): string => text.replace(/cdktf/g, "cdktn").replace(/Cdktf/g, "Cdktn");

/** All of this project's packages, without those of CDK for Terraform, and with the bindings for CDK Terrain. */
async function linkModules(modules: string): Promise<void> {
  mkdirSync(modules, { recursive: true });
  const own = join(project, "node_modules");
  for (const name of readdirSync(own).filter((one) => !["@cdktf", "@cdktn", "cdktf", "cdktf-cli"].includes(one))) {
    symlinkSync(join(own, name), join(modules, name));
  }
  mkdirSync(join(modules, "@cdktn"));
  for (const [name, version] of Object.entries(BINDINGS)) {
    cpSync(await bindings(name, version), join(modules, "@cdktn", `provider-${name}`), { recursive: true });
  }
}

/** A provider's npm package, which its wheel contains: kept from one run to the next. */
async function bindings(name: string, version: string): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cdktf-docker-registry");
  const folder = join(cache, `cdktn-provider-${name}-${version}`);
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`;
    const pip = join(partial, "venv", "bin", "pip");
    await run("python3", ["-m", "venv", join(partial, "venv")]);
    await run(pip, ["download", "--quiet", "--no-deps", "--dest", partial, `cdktn-provider-${name}==${version}`]);
    const [wheel] = readdirSync(partial).filter((file) => file.endsWith(".whl"));
    await run("python3", ["-m", "zipfile", "-e", join(partial, wheel), join(partial, "wheel")]);
    const inner = join(partial, "wheel", `cdktn_provider_${name}`, "_jsii");
    await run("tar", ["-xzf", join(inner, `provider-${name}@${version}.jsii.tgz`), "-C", partial]);
    cpSync(join(partial, "package"), folder, { recursive: true });
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

/** The oldest version of each range, as jsii wants a package to be built with. */
function exact(ranges: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, range.replace(/^\D+| .*/g, "")]));
}
