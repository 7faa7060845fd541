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

// One authority: a client that trusts it trusts both.
const ca = new SelfSignedCA(stack, "CA");
for (const [name, port] of Object.entries({ Development: 5443, Production: 5444 })) {
  const endpoint = PublicEndpoint.https({ host: "localhost", port });
  new PrivateRegistry(stack, name, {
    endpoint,
    certificate: ca.issueCertificate(name, { endpoint }),
    caCertificatePem: ca.certificatePem,
    users: [HtpasswdUser.generated("ci", { access: Access.PUSH })],
  }).addOutputs(`${name.toLowerCase()}_`);
}
app.synth();
