import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { App, TerraformStack } from "cdktf";
import { Access, Certificate, HtpasswdUser, PrivateRegistry, PublicEndpoint } from "cdktf-docker-registry";

const app = new App();
const stack = new TerraformStack(app, "registry");
new DockerProvider(stack, "Docker");
new LocalProvider(stack, "Local");
new RandomProvider(stack, "Random");

// Where certbot, lego or another agent renews it; the proxy follows without a restart.
const certificate = Certificate.fromFolder(stack, "Certificate", { folder: `${process.cwd()}/certificate` });
new PrivateRegistry(stack, "Default", {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5443 }),
  certificate,
  users: [HtpasswdUser.generated("ci", { access: Access.PUSH })],
}).addOutputs();
app.synth();
