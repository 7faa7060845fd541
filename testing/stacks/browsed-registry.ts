import { type App, TerraformOutput } from "cdktf";
import { images } from "../../environments/images";
import {
  Access,
  HtpasswdAuth,
  HtpasswdUser,
  NginxProxy,
  Permission,
  PublicEndpoint,
  RegistryBrowser,
  RegistryContainer,
  RegistryStorage,
  SelfSignedCA,
} from "../../lib";
import { RegistryStack } from "../../stacks";
import { basicAuth } from "../clients/http";
import { Deployment, type StackFactory } from "../machine/deployment";

/** Ports of 127.0.0.1, one for each way to log in. */
export interface BrowsedPorts {
  readonly tokens: number;
  readonly basic: number;
  readonly open: number;
}

/** A registry with the page behind three proxies: with tokens and rights by repository, with Basic logins, and open. */
export class BrowsedRegistry {
  public readonly deployment: Deployment;
  public users: Record<string, string> = {};
  public ca = "";

  public constructor(
    word: string,
    private readonly ports: BrowsedPorts,
  ) {
    this.deployment = Deployment.of(word, this.stack());
  }

  /** @param rotation another one gives `reader` another password */
  public stack(rotation?: string): StackFactory {
    return (app, id) => new BrowsedStack(app, id, this.ports, rotation);
  }

  public async deploy(changed?: StackFactory): Promise<void> {
    await this.deployment.apply(changed);
    const { users, ca } = await this.deployment.outputs();
    this.users = users as Record<string, string>;
    this.ca = ca as string;
  }

  /** Everybody may pull `public/**`; `reader` may pull everything, `admin` do everything, `team` what is in `shop/`. */
  public get withTokens(): string {
    return `https://localhost:${this.ports.tokens}`;
  }

  /** `reader` may pull everything, `admin` do everything. */
  public get withBasic(): string {
    return `http://localhost:${this.ports.basic}`;
  }

  public get open(): string {
    return `http://localhost:${this.ports.open}`;
  }

  public authorization(user: string): string {
    return basicAuth(user, this.users[user]);
  }

  /** The container that has the registry's files. */
  public get container(): string {
    return `${this.deployment.id}-registry`;
  }
}

class BrowsedStack extends RegistryStack {
  constructor(app: App, id: string, ports: BrowsedPorts, rotation?: string) {
    super(app, id, { endpoint: PublicEndpoint.https({ host: "localhost", port: ports.tokens }), images });
    const registry = new RegistryContainer(this, "Registry", {
      image: images.registry,
      storage: RegistryStorage.filesystem({ protectData: false }),
      deleteEnabled: true,
    });
    const proxy = (name: string, endpoint: PublicEndpoint, more: object) =>
      new NginxProxy(this, name, { endpoint, registry, image: images.nginx, parts: [new RegistryBrowser()], ...more });

    const withRights = new HtpasswdAuth(this, "Users", {
      users: [
        HtpasswdUser.generated("admin", { access: Access.PUSH }),
        HtpasswdUser.generated("reader", { rotation }),
        HtpasswdUser.generated("team", {
          permissions: [Permission.push("shop/**"), Permission.delete("shop/scratch")],
        }),
      ],
      everybody: [Permission.pull("public/**")],
    });
    const endpoint = PublicEndpoint.https({ host: "localhost", port: ports.tokens });
    const ca = new SelfSignedCA(this, "CA");
    proxy("Tokens", endpoint, { auth: withRights, certificate: ca.issueCertificate("Server", { endpoint }) });

    const everywhere = new HtpasswdAuth(this, "Basic", {
      users: [
        HtpasswdUser.fromHash("admin", withRights.passwordHashes.admin, { access: Access.PUSH }),
        HtpasswdUser.fromHash("reader", withRights.passwordHashes.reader),
      ],
    });
    proxy("BasicProxy", PublicEndpoint.http({ host: "localhost", port: ports.basic }), { auth: everywhere });
    proxy("OpenProxy", PublicEndpoint.http({ host: "localhost", port: ports.open }), {});
    new TerraformOutput(this, "users", { value: withRights.passwords, sensitive: true });
    new TerraformOutput(this, "ca", { value: ca.certificatePem });
  }
}
