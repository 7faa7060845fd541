import { LocalBackend } from "cdktf";
import { Access, HtpasswdUser, PublicEndpoint } from "cdktf-docker-registry";
import type { RegistryStackProps } from "../stacks/registry-stack";

/** On the Docker engine of this machine, to try things out. */
export const local: RegistryStackProps = {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5443 }),
  users: [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")],
  protectData: false,
  state: (stack) => new LocalBackend(stack, { path: "../../../state/local.tfstate" }),
};
