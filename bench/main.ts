import path from "node:path";
import execa from "execa";
import { images } from "../environments/images";
import { PrivateEngine, stopEngine } from "../testing/machine/private-engine";
import { removeDirectory, runName, scratchDirectory, sweepDeadRuns } from "../testing/machine/scratch";
import { FREE_MEMORY_HINT, givesFreeMemoryBack } from "./free-page-reporting";
import { parseOptions, USAGE } from "./options";

/**
 * An engine of the bench's own: nothing else runs on it, and the kernel carries what clients send to its published
 * ports. The userland proxy of other engines would do so for clients of the same machine alone, and would take its share
 * of the cores that are measured.
 */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (parseOptions(args).help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (givesFreeMemoryBack()) {
    process.stderr.write(`${FREE_MEMORY_HINT}\n`);
  }
  await sweepDeadRuns();
  const directory = scratchDirectory(runName("bench"));
  const home = path.join(directory, "engine");
  try {
    const engine = await PrivateEngine.start(home, { userlandProxy: false });
    await engine.copyImages(Object.values(images).map(({ reference }) => reference));
    const [enter, ...entered] = engine.inside;
    const session = execa(
      enter,
      [...entered, process.execPath, "--import", "tsx", path.join(__dirname, "session.ts"), ...args],
      { env: { DOCKER_HOST: engine.host }, stdio: "inherit", reject: false },
    );
    process.on("SIGINT", () => session.kill("SIGINT"));
    return (await session).exitCode;
  } finally {
    await stopEngine(home);
    removeDirectory(directory);
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
