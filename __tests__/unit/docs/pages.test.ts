import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { shipped } from "../../../environments/shipped";
import { changelog, pages, repository, textOf } from "./pages";

const byFile = [...pages, changelog].map(({ file, text }) => [file, text] as const);

/** The anchor that a heading gets. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replace(/ /g, "-");
}

function anchors(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
}

function withoutCode(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, "");
}

function isThere(page: string, link: string): boolean {
  const [target, name] = link.split("#");
  const file = target === "" ? page : path.join(path.dirname(page), target);
  const isFile = existsSync(path.join(repository, file));
  return isFile && (name === undefined || anchors(textOf(file)).includes(name));
}

/** Paths of this repository that a text names; what a machine has only later is in no repository. */
function namedPaths(text: string): string[] {
  const roots = "lib|stacks|environments|bootstrap|images|providers|bench|docs|testing|__tests__";
  const made = ["environments/image-source.json", "bench/results"];
  return [...text.matchAll(new RegExp(`(?<![\\w./-])(?:${roots})/[\\w./-]*(?![\\w<*])`, "g"))]
    .map(([name]) => name.replace(/\.$/, ""))
    .filter((name) => !made.includes(name));
}

describe("a page of the documentation", () => {
  test.each(byFile)("links to what is there: %s", (file, text) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link);
    expect(links.filter((link) => !isThere(file, link))).toEqual([]);
  });

  test.each(pages.map(({ file, text }) => [file, text]))("names files that are there: %s", (_, text) => {
    expect(namedPaths(text).filter((name) => !existsSync(path.join(repository, name)))).toEqual([]);
  });

  test.each([...byFile, ["help", textOf("help")] as const])("names commands that are there: %s", (_, text) => {
    const { scripts } = JSON.parse(textOf("package.json"));
    const named = [...text.matchAll(/npm (?:run (?:--silent )?)?(start|stop|test|(?<=run (?:--silent )?)[\w:]+)/g)];
    expect(named.map(([, name]) => name).filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("the README", () => {
  const readme = textOf("README.md");

  test("is read in one go", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(200);
  });

  test("lists environments with their addresses", () => {
    const rows = [...readme.matchAll(/^\| `([\w-]+)` \| `\w+Stack` \| `(\S+)` \|/gm)];
    const wrong = rows.filter(([, name, url]) => shipped[name]?.endpoint.url !== url);
    expect(rows.length).toBeGreaterThan(7);
    expect(wrong).toEqual([]);
  });

  test("leads to every page", () => {
    const missing = [...pages, changelog].filter(({ file }) => file !== "README.md" && !file.includes("/README.md"));
    expect(missing.map(({ file }) => file).filter((file) => !readme.includes(`(${file})`))).toEqual([]);
  });
});

describe("the layout", () => {
  test("shows every folder of the repository", () => {
    const shown = [...textOf("CONTRIBUTING.md").matchAll(/^(\w+)\/ {2,}\S/gm)].map(([, folder]) => folder);
    const source = (folder: string) =>
      readdirSync(path.join(repository, folder), { recursive: true }).some((file) =>
        /\.(ts|ts-fixture|mod|sh|md)$/.test(String(file)),
      );
    const made = ["node_modules", "dist", "cdktf.out", "state", "packages", "api", "coverage", "client-trust"];
    const folders = readdirSync(repository, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !made.includes(entry.name))
      .map(({ name }) => name)
      .filter(source);
    expect(shown.sort()).toEqual(folders.sort());
  });

  test("of lib is the one that the architecture describes", () => {
    const described = [...textOf("docs/architecture.md").matchAll(/^\| `lib\/(\w+)` \|/gm)].map(([, name]) => name);
    const lib = path.join(repository, "lib");
    const folders = readdirSync(lib).filter((name) => statSync(path.join(lib, name)).isDirectory());
    expect(described.sort()).toEqual(folders.sort());
  });
});
