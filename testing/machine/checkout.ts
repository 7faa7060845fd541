import fs from "node:fs";
import path from "node:path";
import execa from "execa";

export const repository = path.join(__dirname, "..", "..");

/**
 * A copy of this project as git would check it out, with what is not committed yet. In it a test can have environments
 * and state of its own, and a registry that someone has up on this machine stays as it is.
 */
export async function copyCheckout(directory: string): Promise<void> {
  const { stdout } = await execa("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: repository,
  });
  // Which images this machine uses was decided once by the bootstrap, and is not committed.
  const files = [...stdout.split("\0"), "environments/image-source.json"];
  for (const file of files.filter((name) => name !== "" && fs.existsSync(path.join(repository, name)))) {
    const copy = path.join(directory, file);
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.copyFileSync(path.join(repository, file), copy);
  }
  fs.symlinkSync(path.join(repository, "node_modules"), path.join(directory, "node_modules"));
}

/** As the documentation tells it: a file with what environments are, and each of its exports with a name in the index. */
export function addEnvironments(
  checkout: string,
  names: { readonly [exported: string]: string },
  file: string[],
): void {
  const folder = path.join(checkout, "environments");
  fs.writeFileSync(path.join(folder, "mine.ts"), `${file.join("\n")}\n`);
  const index = path.join(folder, "index.ts");
  const text = fs.readFileSync(index, "utf8");
  const added = Object.entries(names).map(([exported, name]) => `, "${name}": ${exported}`);
  const extended = text.replace(/(\benvironments\b[^=]*=\s*\{[^}]*?),?\s*\}/, `$1${added.join("")} }`);
  fs.writeFileSync(index, `import { ${Object.keys(names).join(", ")} } from "./mine";\n${extended}`);
}
