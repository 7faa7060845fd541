import { Lazy, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { ClientTrust } from "../client/client-trust";
import { knownCertificate } from "../tls/certificate";
import type { IServerCertificate } from "../tls/server-certificate";
import type { HtpasswdAuth } from "../users/htpasswd-auth";

/** What each registry tells of itself, wherever it runs. */
export interface RegistryOutputs {
  readonly url: string;
  readonly hostPort: string;
  readonly clientTrust: ClientTrust;
  readonly caCertificatePem?: string;
  readonly certificate?: IServerCertificate;
  readonly users?: HtpasswdAuth;
  /** What backups are encrypted with. */
  readonly backupPassword?: string;
}

/** @param prefix before each name, where a stack has several registries */
export function addRegistryOutputs(scope: Construct, registry: RegistryOutputs, prefix = ""): void {
  const stack = TerraformStack.of(scope);
  const add = (name: string, description: string, value: unknown, sensitive?: boolean): void => {
    const output = new TerraformOutput(stack, `${prefix}${name}`, { value, description, sensitive });
    output.overrideLogicalId(output.node.id);
  };
  add("registry_url", "Address of the registry", registry.url);
  add("registry_host", "The registry as image names begin with it", registry.hostPort);
  add("client_trust_directory", "Folder to copy to clients, with an install script", registry.clientTrust.directory);
  if (registry.caCertificatePem) {
    add("ca_certificate", "The CA's certificate, for clients", registry.caCertificatePem);
  }
  const known = knownCertificate(registry.certificate);
  if (known) {
    add("certificate_expires_at", "When the server's certificate expires", known.expiresAt);
  }
  const { users } = registry;
  if (users) {
    // Late, for users who are added after this line.
    add("users", "Generated passwords by user", Lazy.anyValue({ produce: () => users.passwords }), true);
  }
  if (registry.backupPassword) {
    add("backup_password", "What backups are encrypted with", registry.backupPassword, true);
  }
}
