import { isAbsolute } from "node:path/posix";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import type { TerraformStack } from "cdktf";
import { invalidInput } from "../lib/core/errors";

/** Terraform runs in `cdktf.out/stacks/<stack>` of the project. */
const PROJECT_FOLDER = "../../..";

/** The Docker engine that a stack is deployed on. */
export interface EngineProps {
  /**
   * The engine to deploy on: `ssh://user@host[:port]`, `tcp://host:port`, or `unix:///path` for a socket of this machine.
   *
   * By ssh, your own ssh configuration, agent and known hosts are used; the key of an unknown host is refused.
   *
   * @default - DOCKER_HOST, or the engine of this machine
   */
  readonly engine?: string;

  /**
   * For `tcp://`: folder with `ca.pem`, `cert.pem` and `key.pem`, by which the engine and this client trust each other.
   * Absolute, or relative to the project.
   *
   * @default - DOCKER_CERT_PATH, which is the same for all engines; without that, no TLS
   */
  readonly engineCertPath?: string;

  /**
   * For `ssh://`: further arguments of ssh, such as `["-i", "/home/ci/.ssh/deploy"]`.
   *
   * @default - none
   */
  readonly engineSshOptions?: string[];
}

/** @throws when the engine is no URL of a kind that Docker knows, or an option does not go with its kind */
export function dockerProvider(stack: TerraformStack, props: EngineProps): DockerProvider {
  const { engine, engineCertPath, engineSshOptions } = props;
  requireEngine(stack, engine);
  requireKind(stack, "engineCertPath", engineCertPath, engine, "tcp");
  requireKind(stack, "engineSshOptions", engineSshOptions, engine, "ssh");
  if (engine === undefined) {
    return new DockerProvider(stack, "Docker");
  }
  return new DockerProvider(stack, "Docker", {
    host: engine,
    sshOpts: engineSshOptions,
    // DOCKER_CONTEXT and DOCKER_CERT_PATH of a shell are about another engine, and the provider puts them first.
    context: "",
    certPath: engine.startsWith("tcp:") ? engineCertPath && fromTerraform(engineCertPath) : "",
  });
}

const fromTerraform = (path: string): string => (isAbsolute(path) ? path : `${PROJECT_FOLDER}/${path}`);

function requireEngine(stack: TerraformStack, engine: string | undefined): void {
  if (engine !== undefined && !/^(ssh|tcp):\/\/[^/\s]+\/?$|^(unix|npipe):\/\/\/\S+$/.test(engine)) {
    throw invalidInput({
      where: stack,
      field: "engine",
      got: engine,
      expected: "ssh://user@host[:port], tcp://host:port or unix:///path",
      fix: 'write it like "ssh://deploy@registry.example.com", or leave it out for the engine of this machine',
    });
  }
}

function requireKind(
  stack: TerraformStack,
  field: string,
  got: string | string[] | undefined,
  engine: string | undefined,
  kind: string,
): void {
  if (got !== undefined && !engine?.startsWith(`${kind}:`)) {
    throw invalidInput({
      where: stack,
      field,
      got,
      expected: `nothing, since engine is ${engine === undefined ? "not set" : JSON.stringify(engine)}`,
      fix: `leave it out, or write an engine that begins with ${kind}://`,
    });
  }
}
