import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack } from "cdktf";
import { PrivateRegistry, PublicEndpoint } from "cdktf-docker-registry";

const app = new App();
const stack = new TerraformStack(app, "registry");
new DockerProvider(stack, "Docker");
new LocalProvider(stack, "Local");
new RandomProvider(stack, "Random");
new TlsProvider(stack, "Tls");

new PrivateRegistry(stack, "Default", {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5443 }),
  upstream: { url: "https://registry-1.docker.io", ttlHours: 168 },
  // Copies can be fetched again.
  protectData: false,
}).addOutputs();
app.synth();
