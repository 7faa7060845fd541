import { shipped } from "../../environments/shipped";
import type { StackFactory } from "../machine/deployment";
import { privateRegistryOf } from "./private-registry";

/** An environment as it is shipped, published on a port of the test's own. */
export function shippedEnvironment(name: string, port: number): StackFactory {
  return (app, id) => {
    const stack = shipped[name].create(app, id);
    const { resource } = privateRegistryOf(stack).proxy;
    const published = resource.portsInput as { readonly internal: number; readonly ip: string }[];
    resource.putPorts(published.map(({ internal, ip }) => ({ internal, ip, external: port, protocol: "tcp" })));
    return stack;
  };
}
