import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assemblyIn } from "./assembly";
import { PageRenderer } from "./page";
import { translatedSamples } from "./samples";

/** `npm run api`: API.md and a page for each class in api/, out of what jsii compiled. */
async function main(folder: string): Promise<void> {
  const assembly = assemblyIn(folder);
  const renderer = new PageRenderer(assembly, await translatedSamples(assembly, folder));
  const pages = renderer.pages();
  rmSync(join(folder, "api"), { recursive: true, force: true });
  mkdirSync(join(folder, "api"));
  for (const [page, types] of pages) {
    writeFileSync(join(folder, "api", `${page}.md`), renderer.page(types));
  }
  writeFileSync(join(folder, "API.md"), `${renderer.index()}\n`);
  console.log(`${pages.size} pages in api/`);
}

main(process.cwd());
