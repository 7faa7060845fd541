import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import bcrypt from "bcryptjs";
import { type App, TerraformOutput } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import {
  Access,
  HtpasswdAuth,
  HtpasswdUser,
  type HtpasswdUserProps,
  NginxProxy,
  Permission,
  PublicEndpoint,
  RegistryContainer,
  type RegistryContainerProps,
  type RegistryImage,
  RegistryStorage,
  SelfSignedCA,
} from "../../lib";
import { RegistryStack } from "../../stacks";
import { basicAuth, type Request, type Response, request } from "../clients/http";
import { Deployment, type StackFactory } from "../machine/deployment";

/** Who checks the users, and the registry that is behind. */
export interface RightsVariant {
  readonly word: string;
  readonly atRegistry: boolean;
  readonly image: RegistryImage;
}

/** What a test changes about the rights. */
export interface RightsChange {
  /** What `team` may do. */
  readonly team?: Permission[];
  readonly everybody?: Permission[];
}

/** Of a registry that checks users itself, at each request: a check of a generated one takes 65 ms of a core. */
const CHEAP_PASSWORD = "correct horse";
const CHEAP_HASH = bcrypt.hashSync(CHEAP_PASSWORD, 4);

const TEAM = [Permission.push("team-a/**"), Permission.pull("base/*")];

/** A registry whose users have rights by repository; where the proxy checks them, everybody may pull `public/**`. */
export class RightsRegistry {
  public readonly deployment: Deployment;
  public users: Record<string, string> = {};
  public ca = "";
  private readonly agent = new https.Agent({ keepAlive: true, maxSockets: 8 });

  public constructor(
    private readonly variant: RightsVariant,
    private readonly port: number,
    private readonly registry: Partial<RegistryContainerProps> = {},
  ) {
    this.deployment = Deployment.of(variant.word, this.stack());
  }

  public get host(): string {
    return `localhost:${this.port}`;
  }

  public get url(): string {
    return `https://${this.host}`;
  }

  public get caFile(): string {
    return path.join(this.deployment.directory, "trust", "ca.crt");
  }

  public stack({ team = TEAM, everybody = [Permission.pull("public/**")] }: RightsChange = {}): StackFactory {
    const { atRegistry } = this.variant;
    const user = (name: string, props?: HtpasswdUserProps) =>
      atRegistry ? HtpasswdUser.fromHash(name, CHEAP_HASH, props) : HtpasswdUser.generated(name, props);
    return (app, id) =>
      new RightsStack(app, id, this.port, this.variant, this.registry, {
        users: [
          user("admin", { access: Access.PUSH }),
          user("reader"),
          user("team", { permissions: team }),
          user("cleaner", { permissions: [Permission.delete("scratch/*")] }),
          user("idle", { permissions: [Permission.pull("nothing/at/all")] }),
        ],
        everybody: atRegistry ? [] : everybody,
      });
  }

  public async deploy(changed?: StackFactory) {
    const changes = await this.deployment.apply(changed);
    const { users, ca } = await this.deployment.outputs();
    this.users = users as Record<string, string>;
    this.ca = ca as string;
    fs.mkdirSync(path.dirname(this.caFile), { recursive: true });
    fs.writeFileSync(this.caFile, this.ca);
    return changes;
  }

  public ask(where: string, options: Request = {}): Promise<Response> {
    return request(`${this.url}${where}`, { ca: this.ca, agent: this.agent, ...options });
  }

  public basic(user: string, password = this.password(user)): string {
    return basicAuth(user, password);
  }

  private password(user: string): string {
    return this.variant.atRegistry ? CHEAP_PASSWORD : this.users[user];
  }

  /** A token as clients fetch it, for a user or for nobody. */
  public async bearer(user: string | undefined, ...scopes: string[]): Promise<string> {
    const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join("&");
    const headers = user === undefined ? {} : { Authorization: this.basic(user) };
    const { status, text } = await this.ask(`/token?service=x&${query}`, { headers });
    if (status !== 200) {
      throw new Error(`there is no token for ${user}: ${status} ${text}`);
    }
    return `Bearer ${JSON.parse(text).token}`;
  }

  public async cleanUp(): Promise<void> {
    this.agent.destroy();
    await this.deployment.cleanUp();
  }

  /** What the proxy signs tokens with, from where only root of this machine reads it. */
  public async credentials(): Promise<{ users: Record<string, string>; keys: { kid: string; key: string } }> {
    const file = "/config/current/credentials.json";
    const { stdout } = await execa("docker", ["exec", `${this.deployment.id}-proxy`, "cat", file]);
    return JSON.parse(stdout);
  }
}

class RightsStack extends RegistryStack {
  constructor(
    app: App,
    id: string,
    port: number,
    { atRegistry, image }: RightsVariant,
    registryProps: Partial<RegistryContainerProps>,
    props: { users: HtpasswdUser[]; everybody: Permission[] },
  ) {
    const endpoint = PublicEndpoint.https({ host: "localhost", port });
    super(app, id, { endpoint, images });
    // As many logins a second as a test makes.
    const auth = new HtpasswdAuth(this, "Users", { ...props, loginsPerSecond: 1000, realm: "the test" });
    const registry = new RegistryContainer(this, "Registry", {
      image,
      storage: RegistryStorage.filesystem({ protectData: false }),
      deleteEnabled: true,
      auth: atRegistry ? auth : undefined,
      ...registryProps,
    });
    const ca = new SelfSignedCA(this, "CA");
    new NginxProxy(this, "Proxy", {
      endpoint,
      image: images.nginx,
      registry,
      auth: atRegistry ? undefined : auth,
      certificate: ca.issueCertificate("Server", { endpoint, ipAddresses: ["127.0.0.1"] }),
      otherHostNames: ["127.0.0.1"],
    });
    new TerraformOutput(this, "users", { value: auth.passwords, sensitive: true });
    new TerraformOutput(this, "ca", { value: ca.certificatePem });
  }
}
