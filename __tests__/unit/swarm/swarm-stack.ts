import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { type TerraformStack, Testing } from "cdktf";
import { PublicEndpoint, RegistryStorage, SwarmRegistry, type SwarmRegistryProps } from "../../../lib";
import { secret, stackOf } from "../synth";

export const http = PublicEndpoint.http({ host: "registry.example.com", publishAddress: "0.0.0.0" });
export const https = PublicEndpoint.https({ host: "registry.example.com", publishAddress: "0.0.0.0" });

export const bucket = (): RegistryStorage =>
  RegistryStorage.s3({
    bucket: "images",
    endpoint: "https://s3.example.com",
    accessKey: "registry",
    secretKey: secret("key"),
  });

export function swarmStack(): TerraformStack {
  const stack = stackOf();
  new LocalProvider(stack, "Local");
  new TlsProvider(stack, "Tls");
  return stack;
}

export function swarmRegistry(props: Partial<SwarmRegistryProps> = {}): SwarmRegistry {
  return new SwarmRegistry(swarmStack(), "Default", { endpoint: http, storage: bucket(), ...props });
}

/** What Terraform reads of it. */
export function synthesised(registry: SwarmRegistry): any {
  return JSON.parse(Testing.synth(registry.node.scope as TerraformStack, true));
}

/** The only resource of a type whose name begins like that. */
export function named(configuration: any, type: string, name: string): any {
  return Object.values<any>(configuration.resource[type]).find((one) => one.name.startsWith(name));
}
