import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../bootstrap/command";
import { project } from "../bootstrap/project";

/** What jsii generates, by jsii-pacmak's names. */
export type Language = "python" | "java" | "go" | "dotnet";

/** Source in another language that calls the compiled package. `folder`: an unpacked npm package with its assembly. */
export async function generate(language: Language, folder: string, out: string): Promise<string> {
  const pacmak = join(project, "node_modules", ".bin", "jsii-pacmak");
  // The package is built already, and its scripts need what only this project has.
  const pack = ["--pack-command", "npm pack --ignore-scripts"];
  await run(pacmak, ["--targets", language, "--code-only", "--outdir", out, ...pack, folder]);
  return join(out, language);
}

/** A wheel of generated Python. In an environment of its own: Debian's Python comes without pip. */
export async function buildWheel(source: string, out: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "wheel-"));
  try {
    await run("python3", ["-m", "venv", scratch]);
    const wheel = join(scratch, "wheel");
    await run(join(scratch, "bin", "pip"), ["wheel", "--quiet", "--no-deps", "--wheel-dir", wheel, source]);
    const [file] = readdirSync(wheel);
    mkdirSync(out, { recursive: true });
    copyFileSync(join(wheel, file), join(out, file));
    return join(out, file);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
