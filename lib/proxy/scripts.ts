import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigFile } from "../docker/config-volume";
import { scriptFile } from "./conf/njs";

/** A script of `njs/` as a file beside nginx.conf. */
export function scriptBeside(name: string): ConfigFile {
  const content = readFileSync(join(__dirname, "njs", scriptFile(name)), "utf8");
  return { path: scriptFile(name), content, review: content };
}
