import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { App } from "cdktf";
import { lockBuiltProviders } from "./lock-files";

/**
 * Synthesises as `app.synth()` does, but no file is ever seen half written: two commands in one checkout, such as the
 * deploys of two environments, write and read the same folder.
 *
 * Only the owner may enter the folder: `cdktf diff` leaves its plan there, which holds what the state holds.
 */
export function synthWhole(create: (app: App) => void): void {
  const outdir = process.env.CDKTF_OUTDIR ?? "cdktf.out";
  mkdirSync(outdir, { recursive: true });
  chmodSync(outdir, 0o700);
  const scratch = mkdtempSync(join(tmpdir(), "synth-"));
  try {
    const app = new App({ outdir: scratch });
    create(app);
    app.synth();
    publish(scratch, outdir);
    lockBuiltProviders(outdir, app.manifest.stacks);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The manifest comes last, since it names the others. */
function publish(from: string, to: string): void {
  const files = readdirSync(from, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(from.length + 1)).sort();
  for (const path of [...paths.filter((one) => one !== "manifest.json"), "manifest.json"]) {
    replaceFile(join(to, path), readFileSync(join(from, path)));
  }
}

/** In one step; a file that is right already is left alone. */
export function replaceFile(file: string, content: Buffer | string): void {
  const wanted = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(wanted)) {
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  const incoming = `${file}.${process.pid}`;
  writeFileSync(incoming, wanted);
  renameSync(incoming, file);
}
