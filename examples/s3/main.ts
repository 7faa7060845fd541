import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { Access, HtpasswdUser, PrivateRegistry, PublicEndpoint, RegistryStorage } from "cdktf-docker-registry";

const app = new App();
const stack = new TerraformStack(app, "registry");
new DockerProvider(stack, "Docker");
new LocalProvider(stack, "Local");
new RandomProvider(stack, "Random");
new TlsProvider(stack, "Tls");

const secretKey = new TerraformVariable(stack, "secret_key", { type: "string", sensitive: true }).stringValue;
const region = "eu-central-1";
new PrivateRegistry(stack, "Default", {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5443 }),
  users: [HtpasswdUser.generated("ci", { access: Access.PUSH })],
  registryOptions: { storage: RegistryStorage.s3({ bucket: "images", region, accessKey: "registry", secretKey }) },
}).addOutputs();
app.synth();
