import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { shipped } from "../../../environments/shipped";

/** All that is written for Terraform, by path. */
function synthAll(): { [path: string]: string } {
  const outdir = mkdtempSync(join(tmpdir(), "synth-"));
  try {
    const app = new App({ outdir });
    for (const [name, environment] of Object.entries(shipped)) {
      environment.create(app, name);
    }
    app.synth();
    const files = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      files.map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [path.slice(outdir.length + 1), readFileSync(path, "utf8")];
      }),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

test("the same environments give the same bytes, at any time", () => {
  // Both from one line: cdktf writes down where a warning was raised.
  const [before, after] = [false, true].map((isLater) => {
    if (isLater) {
      jest.useFakeTimers({ now: new Date("2099-12-31T23:59:59Z") });
      jest.spyOn(Math, "random").mockReturnValue(0.123);
    }
    return synthAll();
  });
  expect(after).toEqual(before);
  expect(Object.keys(before)).toEqual(expect.arrayContaining(["manifest.json", "stacks/local/cdk.tf.json"]));
});
