import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const sources = join(__dirname, "src");

/** Where `RegistryBrowser` reads the page; the package ships it. */
const built = join(__dirname, "..", "lib", "browser", "page");

/** What is part of the script, with the licences that have to come along. */
const LIBRARIES = ["preact", "@preact/signals", "@preact/signals-core"];

/** Builds the page from `browser/src`, in 0.1 s; writes what is not there yet, since others may be reading. */
export function buildPage(): void {
  const files = new Map<string, string>();
  const add = (stem: string, end: string, content: string): string => {
    // What a name stands for never changes, so that browsers keep it.
    const name = `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 12)}.${end}`;
    files.set(name, content);
    return name;
  };
  const licencesName = add("licences", "txt", licences());
  const { outputFiles } = buildSync({
    absWorkingDir: __dirname,
    entryPoints: { app: "src/main.tsx", page: "src/styles/page.css" },
    outdir: "out",
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["chrome111", "firefox113", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    charset: "utf8",
    banner: { js: `/* The licences of what is part of this: ${licencesName} */` },
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  const values: { readonly [name: string]: string } = {
    script: add("app", "js", text("app.js")),
    style: add("page", "css", text("page.css")),
    icon: add("icon", "svg", readFileSync(join(sources, "icon.svg"), "utf8")),
  };
  const page = readFileSync(join(sources, "index.html"), "utf8");
  files.set(
    "index.html",
    page.replace(/@(\w+)@/g, (_, name: string) => values[name]),
  );
  write(files);
}

function licences(): string {
  return LIBRARIES.map((name) => {
    const folder = join(__dirname, "..", "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
  }).join("\n----\n\n");
}

function write(files: ReadonlyMap<string, string>): void {
  mkdirSync(built, { recursive: true });
  for (const [name, content] of files) {
    const file = join(built, name);
    if (!existsSync(file) || readFileSync(file, "utf8") !== content) {
      writeFileSync(`${file}.${process.pid}`, content);
      renameSync(`${file}.${process.pid}`, file);
    }
  }
  // Not what another build is about to rename.
  for (const old of readdirSync(built).filter((name) => !files.has(name) && !/\.\d+$/.test(name))) {
    rmSync(join(built, old), { force: true });
  }
}

if (require.main === module) {
  buildPage();
}
