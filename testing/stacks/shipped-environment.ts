import { environments } from "../../environments";
import type { NginxProxy } from "../../lib";
import type { StackFactory } from "../machine/deployment";

/** An environment as it is shipped, published on a port of the test's own. */
export function shippedEnvironment(name: string, port: number): StackFactory {
  return (app, id) => {
    const stack = environments[name].create(app, id);
    const { resource } = stack.node.findChild("Proxy") as NginxProxy;
    const published = resource.portsInput as { readonly internal: number; readonly ip: string }[];
    resource.putPorts(published.map(({ internal, ip }) => ({ internal, ip, external: port, protocol: "tcp" })));
    return stack;
  };
}
