import path from "node:path";
import execa from "execa";
import buildPage from "./page";
import { sweepDeadRuns } from "./scratch";

const repository = path.join(__dirname, "..", "..");

/** Makes the machine ready as `npm start` does, with the clients that tests use; quick when everything is there. */
export default async function setup(): Promise<void> {
  await execa(process.execPath, ["--import", "tsx", "bootstrap/prepare.ts", "--with-clients"], {
    cwd: repository,
    stdio: "inherit",
  });
  buildPage();
  await sweepDeadRuns();
}
