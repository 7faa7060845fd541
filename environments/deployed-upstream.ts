import { DataTerraformRemoteStateLocal, Fn, ref, type TerraformStack, Token } from "cdktf";
import type { MirrorUpstream } from "../lib";

/**
 * A registry of this project with users, deployed on the same engine with its state in state/.
 *
 * A container does not reach ports that are published on 127.0.0.1: the mirror joins the network of its upstream's proxy
 * instead, and calls it by its container's name, which the upstream's certificate must have. So the upstream has
 * to be deployed first, though the mirror can be planned without it.
 *
 * @param name the environment
 * @param user one of its users with a generated password
 */
export function deployedUpstream(name: string, user: string): (stack: TerraformStack) => MirrorUpstream {
  return (stack) => {
    // Relative to the folder that Terraform runs in.
    const path = `../../../state/${name}.tfstate`;
    const state = new DataTerraformRemoteStateLocal(stack, "Upstream", { path });
    state.addOverride("count", `\${fileexists("${path}") ? 1 : 0}`);
    const outputs = `data.terraform_remote_state.${state.friendlyUniqueId}[0].outputs`;
    const output = (name: string) => Token.asString(Fn.sensitive(Fn.try([ref(`${outputs}.${name}`), ""])));
    return {
      url: `https://${name}-proxy:8443`,
      user,
      password: output(`users["${user}"]`),
      caCertificatePem: output("ca_certificate"),
      networkNames: [`${name}-proxy`],
    };
  };
}
