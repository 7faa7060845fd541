import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A script from files that people can read one by one, without the last line's end.
 *
 * @param folder where the files are
 * @param file the one to begin with; `@other.sh@` in it stands for another file of the folder, `@name@` for a value
 */
export function renderScript(
  folder: string,
  file: string,
  values: { readonly [name: string]: string | number },
): string {
  const text = readFileSync(join(folder, file), "utf8").trimEnd();
  return text.replace(/@([\w-]+(\.\w+)?)@/g, (_, name: string, isFile?: string) =>
    isFile ? renderScript(folder, name, values) : String(values[name]),
  );
}
