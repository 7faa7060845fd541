import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { GIXY, GIXY_VERSION } from "../../bootstrap/gixy";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";

const repository = path.join(__dirname, "..", "..");
const golden = path.join(repository, "__tests__", "golden");
const variants = fs.readdirSync(golden).filter((name) => fs.existsSync(path.join(golden, name, "nginx.conf")));
const page = fs.readFileSync(path.join(repository, "docs", "security.md"), "utf8");

/** The rows of the table in docs/security.md, as `check: directive`. */
const explained = [...page.matchAll(/^\| `([a-z_]+)` \| `([^`]+;)` \| [^|]{20,} \|$/gm)].map(
  ([, check, directive]) => `${check}: ${directive}`,
);

/** What gixy finds, as `check: directive`: it shows the directives that it means, within their blocks. */
async function findings(conf: string): Promise<string[]> {
  const { stdout } = await execa(GIXY, ["--format=json", conf], { reject: false });
  const issues: { plugin: string; config: string }[] = JSON.parse(stdout);
  return issues.flatMap(({ plugin, config }) => {
    const directives = config
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.endsWith(";"));
    // Blocks are named by their server_name; where that is all, the block itself is meant.
    const meant = directives.filter((line) => !line.startsWith("server_name "));
    return (meant.length > 0 ? meant : directives).map((directive) => `${plugin}: ${directive}`);
  });
}

describe("gixy", () => {
  it("is the one whose findings are explained", () => {
    expect(page).toContain(`gixy-ng ${GIXY_VERSION}`);
    expect(explained.length).toBeGreaterThan(0);
  });

  it.each(variants)("finds nothing in the nginx.conf of %s that is not explained", async (variant) => {
    const found = await findings(path.join(golden, variant, "nginx.conf"));
    expect(found).not.toEqual([]);
    expect(found.filter((finding) => !explained.includes(finding))).toEqual([]);
  });

  it("finds all that is explained", async () => {
    const all = await Promise.all(variants.map((variant) => findings(path.join(golden, variant, "nginx.conf"))));
    expect(explained.filter((finding) => !all.flat().includes(finding))).toEqual([]);
  });

  it("sees what is wrong", async () => {
    const folder = scratchDirectory(runName("gixy"));
    const conf = fs.readFileSync(path.join(golden, "http", "nginx.conf"), "utf8");
    const worse = path.join(folder, "nginx.conf");
    fs.writeFileSync(worse, conf.replace("location @error {", "location /x { return 302 http://a$uri; }\n$&"));
    const found = await findings(worse);
    removeDirectory(folder);
    expect(found.filter((finding) => !explained.includes(finding))).toEqual([
      expect.stringMatching(/^http_splitting: return 302/),
    ]);
  });
});
