import { App } from "cdktf";
import { images } from "../environments/images";
import { PublicEndpoint } from "../lib";
import { HttpRegistryStack } from "../stacks";

/** As many environments as asked for, in one process: `synth.ts <folder> <count>`. */
const [outdir, count] = process.argv.slice(2);
const app = new App({ outdir });
for (let i = 0; i < Number(count); i++) {
  const endpoint = PublicEndpoint.http({ host: "localhost", port: 6000 + i });
  new HttpRegistryStack(app, `environment-${i}`, { endpoint, images });
}
app.synth();
