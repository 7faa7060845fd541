import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { isAbsolute, normalize } from "node:path/posix";
import { File } from "@cdktf/provider-local/lib/file";
import { TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireProvider } from "../core/provider-versions";
import type { PublicEndpoint } from "../core/public-endpoint";
import { terraformText } from "../core/terraform-text";
import {
  type DaemonEntry,
  renderDaemonFragment,
  renderNextSteps,
  renderTrustScript,
  type TrustedRegistry,
} from "./trust-script";

/** Terraform runs in `cdktf.out/stacks/<stack>` of the folder that cdktf was started in. */
const PROJECT_FOLDER = "../../..";

/** The files that a client's machine needs to accept a registry. */
export interface ClientTrustProps {
  /** Where clients find the registry. */
  readonly endpoint: PublicEndpoint;

  /**
   * The CA that clients have to trust, in PEM, such as `SelfSignedCA.certificatePem`.
   *
   * @default - none: the registry speaks HTTP, or its certificate comes from an authority that everybody trusts
   */
  readonly caCertificatePem?: string;

  /**
   * The folder to write: absolute, or relative to the folder that cdktf is started in.
   * Terraform must run where cdktf puts it, three folders below that one.
   *
   * @default - `client-trust/<stack>`
   */
  readonly directory?: string;
}

/**
 * A folder that is copied to each client's machine, so that it accepts the registry:
 *
 * - `ca.crt`, the CA's certificate
 * - `certs.d/<host[:port]>/ca.crt`, the same where Docker, Podman and skopeo look for it (below `/etc/docker`)
 * - `daemon.json`, a fragment for Docker: `insecure-registries` for HTTP, `registry-mirrors` for HTTPS
 * - `install.sh`, which installs them and takes them back (`--dry-run`, `--undo`), on Debian, RHEL and macOS
 * - `NEXT-STEPS.txt`, what to type
 *
 * Nothing in it is secret. The files lie on the machine that runs Terraform: on another one, or in a fresh checkout,
 * a plan creates them again.
 *
 * @see https://docs.docker.com/engine/security/certificates/
 *
 * @example
 * import { ClientTrust, PublicEndpoint } from "cdktf-docker-registry";
 *
 * const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });
 * new ClientTrust(stack, "ClientTrust", { endpoint, directory: "for-clients" });
 */
export class ClientTrust extends Construct {
  /** The folder with the files: as given, or relative to the folder that cdktf is started in. */
  public readonly directory: string;

  /** The install script. */
  public readonly resource: File;

  private readonly root: string;

  /**
   * @throws when a CA is given for plain HTTP, what is given is not a certificate, or another `ClientTrust` of the stack
   * writes the same folder
   */
  constructor(scope: Construct, id: string, props: ClientTrustProps) {
    super(scope, id);
    requireProvider(this, "local");
    const { endpoint, caCertificatePem } = props;
    requireCertificate(this, endpoint, caCertificatePem);
    const stack = TerraformStack.of(this);
    this.directory = normalize(props.directory ?? `client-trust/${stack.node.id}`).replace(/\/$/, "");
    requireOwnDirectory(this, stack);
    this.root = isAbsolute(this.directory) ? this.directory : `${PROJECT_FOLDER}/${this.directory}`;

    const registry: TrustedRegistry = {
      hostPort: endpoint.hostPort,
      hostName: isIP(endpoint.host) ? undefined : endpoint.host,
      hasCa: caCertificatePem !== undefined,
      daemon: daemonEntryOf(endpoint),
    };
    this.resource = this.file("Resource", "install.sh", terraformText(renderTrustScript(registry)), "0755");
    this.file("DaemonFragment", "daemon.json", terraformText(renderDaemonFragment(registry.daemon)));
    this.file("NextSteps", "NEXT-STEPS.txt", terraformText(renderNextSteps(registry)));
    if (caCertificatePem !== undefined) {
      this.file("CaCertificate", "ca.crt", caCertificatePem);
      this.file("CertsD", `certs.d/${endpoint.hostPort}/ca.crt`, caCertificatePem);
    }
  }

  private file(id: string, name: string, content: string, filePermission = "0644"): File {
    return new File(this, id, {
      filename: `${this.root}/${name}`,
      content,
      filePermission,
      directoryPermission: "0755",
    });
  }
}

function daemonEntryOf(endpoint: PublicEndpoint): DaemonEntry {
  return endpoint.scheme === "http"
    ? { key: "insecure-registries", value: endpoint.hostPort }
    : { key: "registry-mirrors", value: endpoint.url };
}

function requireCertificate(where: Construct, endpoint: PublicEndpoint, pem: string | undefined): void {
  if (pem === undefined) {
    return;
  }
  if (endpoint.scheme === "http") {
    throw invalidInput({
      where,
      field: "caCertificatePem",
      got: "a CA",
      expected: `none, since ${endpoint.url} has no certificate`,
      fix: "leave it out, or use PublicEndpoint.https",
    });
  }
  if (!Token.isUnresolved(pem) && !isCertificate(pem)) {
    throw invalidInput({
      where,
      field: "caCertificatePem",
      // It may be the key, by mistake.
      got: `a text of ${pem.length} characters`,
      expected: "certificates in PEM and nothing else: clients get this file",
      fix: "give the text of the CA's certificate, not its path and not its key",
    });
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined && !pem.includes("PRIVATE KEY");
  } catch {
    return false;
  }
}

function requireOwnDirectory(where: ClientTrust, stack: TerraformStack): void {
  const other = stack.node
    .findAll()
    .find((part) => part instanceof ClientTrust && part !== where && part.directory === where.directory);
  if (other !== undefined) {
    throw invalidInput({
      where,
      field: "directory",
      got: where.directory,
      expected: `another folder than that of ${other.node.path}`,
      fix: `write a name such as "${where.directory}-2"`,
    });
  }
}
