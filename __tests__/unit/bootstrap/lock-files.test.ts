import { missingEntries } from "../../../bootstrap/lock-files";

const required = [
  { source: "kreuzwerker/docker", version: ">= 3.6.2, < 5.0.0" },
  { source: "hashicorp/google", version: "~> 7.0" },
];
const builtHere = (source: string) => (source === "kreuzwerker/docker" ? "4.5.0" : undefined);

describe("a stack's lock file", () => {
  test("names the providers that were built here and leaves the others to a registry", () => {
    expect(missingEntries("", required, builtHere)).toBe(
      `provider "registry.terraform.io/kreuzwerker/docker" {
  version     = "4.5.0"
  constraints = ">= 3.6.2, < 5.0.0"
}
`,
    );
  });

  test("keeps what it says of a provider, checksums included", () => {
    const lock = `provider "registry.terraform.io/kreuzwerker/docker" {\n  version = "4.4.0"\n}\n`;
    expect(missingEntries(lock, required, builtHere)).toBe("");
  });

  test("is none where all providers come from a registry", () => {
    expect(missingEntries("", required, () => undefined)).toBe("");
  });
});
