import { App } from "cdktf";
import { environments } from "./environments";
import { RegistryStack } from "./stacks/registry-stack";

const app = new App();
for (const [name, props] of Object.entries(environments)) {
  new RegistryStack(app, name, props);
}
app.synth();
