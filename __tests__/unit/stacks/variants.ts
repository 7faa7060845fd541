import { App, type TerraformStack, TerraformVariable, Testing } from "cdktf";
import {
  Access,
  HtpasswdUser,
  LoginPlace,
  Permission,
  PublicEndpoint,
  RegistryMetrics,
  RegistryStorage,
} from "../../../lib";
import {
  AuthenticatedRegistryStack,
  CachedRegistryStack,
  HttpRegistryStack,
  HttpsRegistryStack,
  MirrorRegistryStack,
  ReencryptedRegistryStack,
  type RegistryStackProps,
  SwarmRegistryStack,
} from "../../../stacks";
import { images } from "./upstream-images";

export const http = (app: App, props: Partial<RegistryStackProps> = {}) =>
  new HttpRegistryStack(app, "example", {
    endpoint: PublicEndpoint.http({ host: "registry.example.com", port: 5080 }),
    images,
    ...props,
  });

const endpoint = PublicEndpoint.https({ host: "registry.example.com", port: 8443 });

const users = [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")];

/** A stack of each kind, by the name of its folder of golden files. */
export const variants: { readonly [name: string]: (app: App) => TerraformStack } = {
  http,
  https: (app) => new HttpsRegistryStack(app, "example", { endpoint, images, alternativeNames: ["192.0.2.1"] }),
  "users-at-proxy": (app) => new AuthenticatedRegistryStack(app, "example", { endpoint, images, users }),
  "users-at-registry": (app) =>
    new AuthenticatedRegistryStack(app, "example", { endpoint, images, users, loginPlace: LoginPlace.REGISTRY }),
  "users-by-repository": (app) =>
    new AuthenticatedRegistryStack(app, "example", {
      endpoint,
      images,
      alternativeNames: ["192.0.2.1", "2001:db8::1"],
      users: [...users, HtpasswdUser.generated("team", { permissions: [Permission.push("team/**")] })],
      everybody: [Permission.pull("public/**")],
    }),
  reencrypted: (app) => new ReencryptedRegistryStack(app, "example", { endpoint, images }),
  cached: (app) => new CachedRegistryStack(app, "example", { endpoint, images, version2: true }),
  mirror: (app) =>
    new MirrorRegistryStack(app, "example", {
      endpoint,
      images,
      upstream: () => ({ url: "https://upstream.example.com" }),
      readers: ["reader"],
    }),
  swarm: (app) =>
    new SwarmRegistryStack(app, "example", {
      endpoint: PublicEndpoint.https({ host: "registry.example.com", port: 8443, publishAddress: "0.0.0.0" }),
      images,
      users,
      nodes: 3,
      storage: (stack) =>
        RegistryStorage.s3({
          bucket: "images",
          endpoint: "https://s3.example.com",
          accessKey: "registry",
          secretKey: new TerraformVariable(stack, "s3_secret_key", { sensitive: true }).stringValue,
        }),
      registry: { metrics: RegistryMetrics.prometheus() },
    }),
};

export const synthVariant = (name: string): string => Testing.synth(variants[name](new App()), true);
