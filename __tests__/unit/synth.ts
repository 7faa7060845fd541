import "cdktf/lib/testing/adapters/jest";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, DefaultTokenResolver, Fn, StringConcat, TerraformStack, Testing, Token, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";

Testing.setupJest();

/** What every container has that stays. */
export const LEAST_RIGHTS = {
  user: "65532:65532",
  read_only: true,
  capabilities: { drop: ["ALL"] },
  security_opts: ["no-new-privileges:true"],
};

/** A stack with the providers that the constructs of a registry without TLS need. */
export function stackOf(name = "local"): TerraformStack {
  const stack = new TerraformStack(new App(), name);
  new DockerProvider(stack, "Docker");
  new RandomProvider(stack, "Random");
  return stack;
}

/** A stack with the provider that certificates need. */
export function stackWithTls(): TerraformStack {
  const stack = new TerraformStack(new App(), "https");
  new TlsProvider(stack, "tls");
  return stack;
}

/** A secret that only the deploy knows. */
export const secret = (name: string) => Token.asString(Fn.sensitive(Fn.rawString(`the ${name}`)));

/** What Terraform reads, once all that the constructs want validated is valid. */
export function synth(build: (stack: TerraformStack) => void): string {
  const stack = stackOf();
  build(stack);
  return Testing.synth(stack, true);
}

/** The resources of one type by the last id of their construct, as in `resources(…, "docker_container").Writer`. */
export function resources(synthesised: string, type: string): { [id: string]: { [attribute: string]: any } } {
  const all: { [address: string]: any } = JSON.parse(synthesised).resource?.[type] ?? {};
  return Object.fromEntries(Object.entries(all).map(([address, attributes]) => [withoutHash(address), attributes]));
}

/** The texts that a plan shows of a ConfigVolume, by file; `id` is that of the volume's construct. */
export function reviewed(synthesised: string, id: string): { [path: string]: string } {
  const lines: { [path: string]: string[] } = resources(synthesised, "terraform_data")[`${id}_Review`].triggers_replace;
  return Object.fromEntries(Object.entries(lines).map(([path, text]) => [path, text.join("\n")]));
}

/** A value with its tokens as Terraform reads them. */
export function resolved(scope: IConstruct, value: unknown): any {
  return Tokenization.resolve(value, {
    scope,
    resolver: new DefaultTokenResolver(new StringConcat()),
    preparing: false,
  });
}

/** Warnings and errors that a construct of the tree was given. */
export function annotations(root: IConstruct): string[] {
  const metadata = root.node.findAll().flatMap((part) => part.node.metadata);
  return metadata.filter(({ type }) => type.startsWith("@cdktf/")).map(({ type, data }) => `${type}: ${data}`);
}

/** `Registry_Config_Writer_1A2B3C4D` → `Registry_Config_Writer`; an id `Resource` is not part of it. */
function withoutHash(address: string): string {
  return address.replace(/_[0-9A-F]{8}$/, "");
}
