import http from "node:http";
import { hashSync } from "bcryptjs";
import execa from "execa";
import { images } from "../../environments/images";
import {
  Access,
  type AuditLog,
  HtpasswdAuth,
  HtpasswdUser,
  type ImmutableTags,
  NginxProxy,
  Permission,
  PublicEndpoint,
  RegistryContainer,
  type RegistryImage,
  RegistryStorage,
  type RepositoryQuota,
} from "../../lib";
import { RegistryStack } from "../../stacks";
import { basicAuth, type Request, type Response, request } from "../clients/http";
import { Deployment, type StackFactory } from "../machine/deployment";

/** What a test has guarded. */
export interface Guards {
  readonly image?: RegistryImage;
  readonly immutableTags?: ImmutableTags[];
  readonly quotas?: RepositoryQuota[];
  readonly auditLog?: AuditLog;
  /** Balancers in front. */
  readonly trustedProxies?: string[];
  readonly connectionsPerAddress?: number;
  readonly connectionsPerLogin?: number;
  /** @default - as many as a test makes */
  readonly loginsPerSecond?: number;
  /** The moment at which "robot" expires. */
  readonly robotUntil?: Date;
}

const PASSWORD = "a password of the test";
const HASH = hashSync(PASSWORD, 4);

/** A registry over plain HTTP with all guards; "keeper" may change what is immutable, "ci" and "robot" may not. */
export class GuardedRegistry {
  public readonly deployment: Deployment;
  public readonly password = PASSWORD;
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 24 });

  public constructor(
    word: string,
    private readonly port: number,
    guards: Guards,
  ) {
    this.deployment = Deployment.of(word, this.stack(guards));
  }

  public get host(): string {
    return `localhost:${this.port}`;
  }

  public stack(guards: Guards): StackFactory {
    return (app, id) => new GuardedStack(app, id, this.port, guards);
  }

  public ask(path: string, { as = "ci", ...options }: Request & { readonly as?: string } = {}): Promise<Response> {
    const headers = { Accept: "*/*", ...(as ? { Authorization: this.login(as) } : {}), ...options.headers };
    return request(`http://${this.host}${path}`, { agent: this.agent, ...options, headers });
  }

  public login(user: string, password = PASSWORD): string {
    return basicAuth(user, password);
  }

  /** A token as clients fetch it. */
  public async bearer(user: string, scope: string): Promise<string> {
    const { status, text } = await this.ask(`/token?service=x&scope=${encodeURIComponent(scope)}`, { as: user });
    if (status !== 200) {
      throw new Error(`there is no token for ${user}: ${status} ${text}`);
    }
    return `Bearer ${JSON.parse(text).token}`;
  }

  /** What a shell command in the proxy's container prints. */
  public async inProxy(command: string): Promise<string> {
    const { stdout } = await execa("docker", ["exec", `${this.deployment.id}-proxy`, "sh", "-c", command]);
    return stdout;
  }

  public async cleanUp(): Promise<void> {
    this.agent.destroy();
    await this.deployment.cleanUp();
  }
}

class GuardedStack extends RegistryStack {
  constructor(scope: ConstructorParameters<typeof RegistryStack>[0], id: string, port: number, guards: Guards) {
    const endpoint = PublicEndpoint.http({ host: "localhost", port });
    super(scope, id, { endpoint, images });
    const registry = new RegistryContainer(this, "Registry", {
      image: guards.image ?? images.registry,
      storage: RegistryStorage.filesystem({ protectData: false }),
      deleteEnabled: true,
      immutableTags: guards.immutableTags,
      quotas: guards.quotas,
    });
    const auth = new HtpasswdAuth(this, "Users", {
      loginsPerSecond: guards.loginsPerSecond ?? 1000,
      users: [
        HtpasswdUser.fromHash("ci", HASH, { access: Access.PUSH }),
        HtpasswdUser.fromHash("reader", HASH),
        HtpasswdUser.fromHash("robot", HASH, { access: Access.PUSH, expiresAt: moment(guards.robotUntil) }),
        HtpasswdUser.fromHash("keeper", HASH, { permissions: [Permission.overrideImmutable("**")] }),
      ],
    });
    const { auditLog, trustedProxies, connectionsPerAddress, connectionsPerLogin } = guards;
    const limits = { trustedProxies, connectionsPerAddress, connectionsPerLogin };
    new NginxProxy(this, "Proxy", { image: images.nginx, endpoint, registry, auth, auditLog, ...limits });
  }
}

function moment(date?: Date): string | undefined {
  return date?.toISOString().replace(/\.\d+Z$/, "Z");
}
