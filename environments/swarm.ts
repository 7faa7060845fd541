import { type TerraformStack, TerraformVariable } from "cdktf";
import { Access, HtpasswdUser, PublicEndpoint, RegistryStorage } from "../lib";
import { SwarmRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/**
 * Replicas on a Docker Swarm, whose manager the engine has to be; one node is enough to try it. The images are in a bucket,
 * which the variables name: `TF_VAR_s3_endpoint`, `TF_VAR_s3_bucket`, `TF_VAR_s3_access_key` and `TF_VAR_s3_secret_key`.
 */
export const swarm = environment(SwarmRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5450, publishAddress: "0.0.0.0" }),
  alternativeNames: ["127.0.0.1"],
  users: [
    HtpasswdUser.generated("developer", { access: Access.PUSH }),
    HtpasswdUser.generated("reader", { access: Access.PULL }),
  ],
  storage: (stack) =>
    RegistryStorage.s3({
      endpoint: variable(stack, "s3_endpoint", "http://s3.example.com:9000"),
      bucket: variable(stack, "s3_bucket", "images"),
      accessKey: variable(stack, "s3_access_key", "registry"),
      secretKey: variable(stack, "s3_secret_key", "", true),
    }),
  isStorageNamed: 'var.s3_secret_key != ""',
  images,
});

/** With a default, so that it can be planned before anybody has a bucket. */
function variable(stack: TerraformStack, name: string, byDefault: string, sensitive = false): string {
  return new TerraformVariable(stack, name, { type: "string", default: byDefault, sensitive }).stringValue;
}
