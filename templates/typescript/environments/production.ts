import { S3Backend } from "cdktf";
import { Access, HtpasswdUser, PublicEndpoint } from "cdktf-docker-registry";
import type { RegistryStackProps } from "../stacks/registry-stack";

/** For everybody: change the host, the engine and the bucket. Its data is protected, and its state is shared and locked. */
export const production: RegistryStackProps = {
  endpoint: PublicEndpoint.https({ host: "registry.example.com" }),
  engine: "ssh://deploy@registry.example.com",
  users: [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")],
  redisCache: true,
  state: (stack) => {
    new S3Backend(stack, {
      bucket: "example-terraform-state",
      key: "{{ Name }}/production.tfstate",
      region: "eu-central-1",
      encrypt: true,
    });
    stack.addOverride("terraform.backend.s3.use_lockfile", true);
  },
};
