const { execFileSync } = require("node:child_process");
const { chmodSync, cpSync, readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** What `cdktf init` runs in the new folder when the files are there. */
exports.post = ({ silent }) => {
  // The packages again: files went through a template as texts.
  cpSync(join(__dirname, "packages"), "packages", { recursive: true });
  for (const script of readdirSync("ci/scripts")) {
    chmodSync(join("ci/scripts", script), 0o755);
  }
  const quiet = silent === true || silent === "true";
  execFileSync("npm", ["install", "--include=dev", "--no-audit", "--no-fund"], { stdio: quiet ? "ignore" : "inherit" });
  if (!quiet) {
    console.log(readFileSync("README.md", "utf8"));
  }
};
