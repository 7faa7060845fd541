import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack } from "cdktf";
import { Access, HtpasswdUser, PrivateRegistry, PublicEndpoint } from "cdktf-docker-registry";

const app = new App();
const stack = new TerraformStack(app, "registry");
new DockerProvider(stack, "Docker");
new LocalProvider(stack, "Local");
new RandomProvider(stack, "Random");
new TlsProvider(stack, "Tls");
new PrivateRegistry(stack, "Default", {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5443 }),
  users: [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")],
  redisCache: true,
}).addOutputs();
app.synth();
