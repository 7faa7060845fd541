import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { hashSync } from "bcryptjs";
import { TerraformVariable } from "cdktf";
import { images } from "../../environments/images";
import { Access, HtpasswdUser, LoginPlace, PublicEndpoint } from "../../lib";
import { AuthenticatedRegistryStack, type RegistryImages } from "../../stacks";
import { Crane, DockerClient, Skopeo } from "../clients/clients";
import { basicAuth, type Request, type Response, request } from "../clients/http";
import { Deployment, type StackFactory } from "../machine/deployment";

/** A place where logins are checked, and the registry that is behind it. */
export interface Variant {
  readonly word: string;
  readonly place: LoginPlace;
  readonly images: RegistryImages;
}

const VERSION_2: { readonly [title: string]: Variant } = {
  "a registry of version 2": {
    word: "usersv2",
    place: LoginPlace.REGISTRY,
    images: { ...images, registry: images.registryV2 },
  },
};

/** Version 2 in `npm run soak` only. */
export const VARIANTS: { readonly [title: string]: Variant } = {
  "the proxy": { word: "proxyusers", place: LoginPlace.PROXY, images },
  "the registry": { word: "registryusers", place: LoginPlace.REGISTRY, images },
  ...(process.env.EVERY_VERSION ? VERSION_2 : {}),
};

/** What a test changes about the users. */
export interface UserChange {
  readonly added?: HtpasswdUser[];
  readonly removed?: string;
  /** Another one gives "ci" another password. */
  readonly rotation?: string;
}

/**
 * Of the three kinds there are; "carol" and "dave" have passwords that Terraform does not make up. "default" is a word of
 * nginx's maps, and "nobody" has a password that was public once: it was the decoy's.
 */
export class AuthenticatedRegistry {
  public readonly carol = `carol-${crypto.randomBytes(8).toString("hex")}`;
  public readonly dave = `dave-${crypto.randomBytes(8).toString("hex")}`;
  /** Those that are in the synth output, as their users were written in the code. */
  public readonly writtenHashes = [hashSync(this.carol, 10), hashSync("of-this-name", 10)];
  public readonly deployment: Deployment;
  private passwords: Record<string, string> = {};
  private ca = "";

  public constructor(
    private readonly variant: Variant,
    private readonly port: number,
  ) {
    this.deployment = Deployment.of(variant.word, this.stack(), { env: { TF_VAR_dave: this.dave } });
  }

  public get host(): string {
    return `localhost:${this.port}`;
  }

  public stack(change: UserChange = {}): StackFactory {
    return (app, id) => {
      const users = [
        HtpasswdUser.generated("ci", { access: Access.PUSH, rotation: change.rotation }),
        HtpasswdUser.generated("reader"),
        HtpasswdUser.fromHash("carol", this.writtenHashes[0], { access: Access.PUSH }),
        HtpasswdUser.fromHash("nobody", this.writtenHashes[1]),
        HtpasswdUser.generated("default"),
        ...(change.added ?? []),
      ];
      const stack = new AuthenticatedRegistryStack(app, id, {
        endpoint: PublicEndpoint.https({ host: "localhost", port: this.port }),
        images: this.variant.images,
        loginPlace: this.variant.place,
        protectData: false,
        users: users.filter(({ name }) => name !== change.removed),
      });
      const variable = new TerraformVariable(stack, "dave", { type: "string", sensitive: true });
      stack.registry.users?.addUser(HtpasswdUser.fromPassword("dave", variable.stringValue));
      return stack;
    };
  }

  public async deploy(changed?: StackFactory) {
    const changes = await this.deployment.apply(changed);
    await this.readOutputs();
    return changes;
  }

  public async readOutputs(): Promise<void> {
    const { users, ca_certificate } = await this.deployment.outputs();
    this.passwords = { ...(users as Record<string, string>), carol: this.carol, dave: this.dave };
    this.ca = ca_certificate as string;
    fs.mkdirSync(this.trust, { recursive: true });
    fs.writeFileSync(path.join(this.trust, "ca.crt"), this.ca);
  }

  public password(user: string): string {
    return this.passwords[user];
  }

  /** Every secret that there is: passwords, hashes, and the passwords as clients send them. */
  public secrets(): string[] {
    const users = Object.entries(this.passwords);
    return users.flatMap(([user, password]) => [password, basicAuth(user, password).replace("Basic ", "")]);
  }

  public get(where: string, options: Request & { as?: [string, string] } = {}): Promise<Response> {
    const { as, ...rest } = options;
    return request(`https://${this.host}${where}`, {
      ca: this.ca,
      ...rest,
      headers: { ...(as ? { Authorization: basicAuth(...as) } : {}), ...rest.headers },
    });
  }

  public url(where: string): { url: string; ca: string } {
    return { url: `https://${this.host}${where}`, ca: this.ca };
  }

  /** Clients with an empty set of logins, in a folder of their own. */
  public clients(name: string): { docker: DockerClient; crane: Crane; skopeo: Skopeo; directory: string } {
    const directory = path.join(this.deployment.directory, `clients-${name}`);
    fs.mkdirSync(directory, { recursive: true });
    return {
      directory,
      docker: new DockerClient(directory),
      crane: new Crane(directory, { ca: path.join(this.trust, "ca.crt") }),
      skopeo: new Skopeo(directory, { certificates: this.trust }),
    };
  }

  private get trust(): string {
    return path.join(this.deployment.directory, "trust");
  }
}
