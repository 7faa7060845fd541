import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack } from "cdktf";
import { Access, HtpasswdUser, PrivateRegistry, PublicEndpoint, SelfSignedCA } from "cdktf-docker-registry";

const app = new App();
const stack = new TerraformStack(app, "registry");
new DockerProvider(stack, "Docker");
new LocalProvider(stack, "Local");
new RandomProvider(stack, "Random");
new TlsProvider(stack, "Tls");

const ca = new SelfSignedCA(stack, "CA", { commonName: "Example registries", organization: "Example" });
const endpoint = PublicEndpoint.https({ host: "localhost", port: 5443 });
new PrivateRegistry(stack, "Default", {
  endpoint,
  certificate: ca.issueCertificate("Server", { endpoint, validityDays: 90 }),
  caCertificatePem: ca.certificatePem,
  users: [HtpasswdUser.generated("ci", { access: Access.PUSH })],
}).addOutputs();
app.synth();
