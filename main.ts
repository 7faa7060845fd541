import { chmodSync, mkdirSync } from "node:fs";
import { synthWhole } from "./bootstrap/whole-synth";
import { buildPage } from "./browser/build";
import { environments } from "./environments";
import { requireDistinctPorts } from "./environments/published-ports";

// State holds keys and passwords: nobody else on this machine may enter its folder.
mkdirSync("state", { recursive: true });
chmodSync("state", 0o700);

buildPage();
requireDistinctPorts(environments);
synthWhole((app) => {
  for (const [name, environment] of Object.entries(environments)) {
    environment.create(app, name);
  }
});
