import { Fn, ref, type TerraformRemoteState, type TerraformStack, Token } from "cdktf";
import type { MirroredEnvironment } from "../stacks";

/**
 * A registry of this project with users, deployed on the same engine.
 *
 * A container does not reach ports that are published on 127.0.0.1: the mirror joins the network of its upstream's proxy
 * instead, and calls it by its container's name, which the upstream's certificate must have. So the upstream has
 * to be deployed first, though the mirror can be planned without it.
 *
 * @param name the environment
 * @param user one of its users with a generated password
 * @param state where the upstream's state is, as in
 * `(stack) => new DataTerraformRemoteStateGcs(stack, "Upstream", { bucket: "states", prefix: "local" })`; the file in state/
 * when left out. Terraform copies all outputs of a remote state into the mirror's, every user's password included; from
 * the file only the one password and the CA are taken.
 */
export function deployedUpstream(
  name: string,
  user: string,
  state?: (stack: TerraformStack) => TerraformRemoteState,
): (stack: TerraformStack) => MirroredEnvironment {
  return (stack) => {
    const output = state === undefined ? localOutput(name) : remoteOutput(state(stack));
    const value = (expression: string) => Fn.try([ref(expression), ""]);
    const password = value(`${output("users")}["${user}"]`);
    return {
      url: `https://${name}-proxy:8443`,
      user,
      password: Token.asString(Fn.sensitive(password)),
      caCertificatePem: Token.asString(Fn.sensitive(value(output("ca_certificate")))),
      networkNames: [`${name}-proxy`],
      isDeployed: `try(${output("users")}["${user}"], "") != ""`,
      missing: `The upstream "${name}" is not deployed here, or it has no user "${user}" with a generated password. Fix: npm start -- ${name}, then deploy this one again.`,
    };
  };
}

/** Of Terraform's own file, relative to the folder that Terraform runs in; nothing of it is copied. */
const localOutput = (name: string) => (output: string) =>
  `jsondecode(file("../../../state/${name}.tfstate")).outputs.${output}.value`;

const remoteOutput = (state: TerraformRemoteState) => (output: string) =>
  `data.terraform_remote_state.${state.friendlyUniqueId}.outputs.${output}`;
