import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RosettaTabletReader, TargetLanguage, UnknownSnippetMode } from "jsii-rosetta";
import type { Assembly, Type } from "./assembly";
import type { Samples } from "./page";
import { quiet } from "./quiet";

const LANGUAGES: readonly (readonly [string, TargetLanguage, string])[] = [
  ["Python", TargetLanguage.PYTHON, "python"],
  ["Java", TargetLanguage.JAVA, "java"],
  ["Go", TargetLanguage.GO, "go"],
];

/** Compiles the samples of all docstrings, strictly, and translates them. */
export async function translatedSamples(assembly: Assembly, folder: string): Promise<Samples> {
  const scratch = mkdtempSync(join(tmpdir(), "samples-"));
  try {
    const linked = linkedPackage(assembly, folder, join(scratch, "node_modules"));
    const tablet = join(scratch, "samples.json");
    const rosetta = join(folder, "node_modules", ".bin", "jsii-rosetta");
    const env = { ...process.env, ...quiet };
    execFileSync(
      rosetta,
      ["extract", "--strict", "--batch", "1000", "--directory", scratch, "--cache-to", tablet, linked],
      {
        env,
        stdio: "inherit",
      },
    );
    const reader = new RosettaTabletReader({ unknownSnippets: UnknownSnippetMode.FAIL });
    await reader.loadTabletFromFile(tablet);
    return (type) => samplesOf(type, reader);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function samplesOf({ fqn, docs }: Type, reader: RosettaTabletReader): [string, string][] {
  const { example } = docs ?? {};
  if (example === undefined) {
    return [];
  }
  const where = { api: "type", fqn } as const;
  return [
    ["TypeScript", block("ts", example)],
    ...LANGUAGES.map(([name, language, marker]): [string, string] => {
      const { source } = reader.translateExample(where, example, language, true);
      return [name, block(marker, source)];
    }),
  ];
}

const block = (marker: string, code: string): string => `\`\`\`${marker}\n${code.trim()}\n\`\`\``;

/** Where samples find the package by its name, beside all that it needs. Without its README, whose samples a test of its own runs. */
function linkedPackage(assembly: Assembly, folder: string, modules: string): string {
  mkdirSync(modules);
  const installed = join(folder, "node_modules");
  for (const one of readdirSync(installed)) {
    symlinkSync(join(installed, one), join(modules, one));
  }
  const linked = join(modules, assembly.name);
  mkdirSync(linked);
  for (const one of ["dist", "package.json", "rosetta"]) {
    symlinkSync(join(folder, one), join(linked, one));
  }
  writeFileSync(join(linked, ".jsii"), JSON.stringify({ ...assembly, readme: undefined }));
  return linked;
}
