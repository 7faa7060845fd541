import { join } from "node:path";
import { run } from "../bootstrap/command";
import { project } from "../bootstrap/project";

const tool = (name: string): string => join(project, "node_modules", ".bin", name);

/** Fails where bundlers, Node or TypeScript would not find what the package exports. */
export async function checkNpmPackage(tarball: string): Promise<void> {
  await Promise.all([
    run(tool("publint"), ["run", "--strict", tarball]),
    // What jsii reads is JSON without the extension, and nothing to import.
    run(tool("attw"), ["--no-color", "--exclude-entrypoints", "./.jsii", "--", tarball]),
  ]);
}
