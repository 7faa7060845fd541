import fs from "node:fs";
import path from "node:path";
import bcrypt from "bcryptjs";
import execa from "execa";
import { images } from "../environments/images";
import { Access, HtpasswdUser, Permission, PublicEndpoint } from "../lib";
import { AuthenticatedRegistryStack, HttpRegistryStack, HttpsRegistryStack } from "../stacks";
import { basicAuth } from "../testing/clients/http";
import { blobFile } from "../testing/clients/images";
import { Deployment, type StackFactory } from "../testing/machine/deployment";
import { objectsOf, removeObjects } from "../testing/machine/engine-objects";
import { eventually } from "../testing/machine/eventually";
import { freePort } from "../testing/machine/ports";
import { runName } from "../testing/machine/scratch";
import { run, ServerContainer } from "./containers";
import { type Contender, Kind } from "./contender";
import { answers, fetchToken, PREPARED, REPOSITORY } from "./load";

const PASSWORD = "bench";
const COST = 10;
/** Where each registry keeps its files. */
const STORAGE = "/var/lib/registry";
export const LOGIN = { Authorization: basicAuth("bench", PASSWORD) };

/** Deploys all contenders, and takes them away again. */
export class Contenders {
  private readonly deployments: Deployment[] = [];
  private readonly prefix = runName("bench");

  constructor(private readonly directory: string) {}

  public async start(progress: (name: string) => void): Promise<Contender[]> {
    // For workers of nginx that are not root; the folder above keeps others out.
    fs.chmodSync(this.directory, 0o755);
    await this.makeCertificate();
    fs.writeFileSync(path.join(this.directory, "none.conf"), "");
    fs.writeFileSync(
      path.join(this.directory, "users.conf"),
      'auth_basic "registry";\nauth_basic_user_file /bench/htpasswd;\n',
    );
    const hash = bcrypt.hashSync(PASSWORD, COST);
    fs.writeFileSync(path.join(this.directory, "htpasswd"), `bench:${hash}\n`, { mode: 0o644 });

    const makers: [string, () => Promise<Contender>][] = [
      ["registry", () => this.registryAlone()],
      ["003 HTTP", () => this.handMade("003 HTTP", Kind.HTTP, { conf: "003-http" })],
      ["001", () => this.handMade("001", Kind.TLS, { conf: "001" })],
      ["003 HTTPS", () => this.handMade("003 HTTPS", Kind.TLS, { conf: "003-https", registryTls: true })],
      ["004", () => this.handMade("004", Kind.TLS, { conf: "004", redis: true })],
      ["001 users", () => this.handMade("001 users", Kind.USERS, { conf: "001", users: "nginx" })],
      ["003 users", () => this.handMade("003 users", Kind.USERS, { conf: "003-http", users: "registry" })],
      ["HttpRegistryStack", () => this.ours("HttpRegistryStack", Kind.HTTP, httpStack)],
      ["HttpsRegistryStack", () => this.ours("HttpsRegistryStack", Kind.TLS, httpsStack)],
      ["AuthenticatedRegistryStack", () => this.ours("AuthenticatedRegistryStack", Kind.USERS, usersStack(hash))],
      ["only files", () => this.handMade("only files", Kind.TLS, { conf: "files" })],
      // What the direct pulls bring, and what users cost where the registry answers.
      ["without direct pulls", () => this.asked("without direct pulls", Kind.TLS, httpsStack)],
      ["users without direct pulls", () => this.asked("users without direct pulls", Kind.USERS, usersStack(hash))],
      [
        "tokens without direct pulls",
        () => this.asked("tokens without direct pulls", Kind.USERS, usersStack(hash), true),
      ],
    ];
    const zot = await zotBinary();
    if (zot === undefined) {
      progress("no zot: it takes part where its binary is on PATH");
    } else {
      makers.push(["zot", () => this.zot(zot)]);
    }
    const contenders: Contender[] = [];
    for (const [name, make] of makers) {
      progress(name);
      contenders.push(await make());
    }
    return contenders;
  }

  public async stop(): Promise<void> {
    for (const deployment of this.deployments) {
      await deployment.cleanUp();
    }
    await removeObjects(await objectsOf((name) => name.startsWith(`${this.prefix}-`)));
  }

  private async registryAlone(): Promise<Contender> {
    const prefix = await this.network("registry");
    const port = await freePort();
    await this.registry(prefix, {}, `${port}:5000`);
    const registry = await ServerContainer.find(`${prefix}-registry`);
    const url = `http://127.0.0.1:${port}`;
    return this.ready({ name: "registry", kind: Kind.HTTP, isOurs: false, url, front: registry, registry });
  }

  private async zot(binary: string): Promise<Contender> {
    const prefix = await this.network("zot");
    const port = await freePort();
    const config = {
      distSpecVersion: "1.1.1",
      storage: { rootDirectory: STORAGE },
      http: { address: "0.0.0.0", port: "5000" },
      log: { level: "error" },
    };
    fs.writeFileSync(path.join(this.directory, "zot.json"), JSON.stringify(config));
    await run(`${prefix}-zot`, {
      image: images.registry.reference,
      network: prefix,
      alias: "zot",
      publish: `${port}:5000`,
      volumes: [`${binary}:/zot:ro`, `${this.directory}:/bench:ro`, `${prefix}-data:${STORAGE}`],
      command: ["/zot", "serve", "/bench/zot.json"],
    });
    const registry = await ServerContainer.find(`${prefix}-zot`);
    const url = `http://127.0.0.1:${port}`;
    return this.ready({ name: "zot", kind: Kind.HTTP, isOurs: false, url, front: registry, registry });
  }

  private async handMade(name: string, kind: Kind, options: HandMade): Promise<Contender> {
    const prefix = await this.network(name.toLowerCase().replace(" ", "-"));
    const folder = `${this.directory}:/bench:ro`;
    if (options.redis) {
      const command = ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""];
      await run(`${prefix}-redis`, {
        image: images.redis.reference,
        network: prefix,
        alias: "redis",
        volumes: [],
        command,
      });
    }
    await this.registry(prefix, options);
    const isPlain = options.conf === "003-http";
    const port = await freePort();
    const conf = path.join(__dirname, "hand-made", `${options.conf}.nginx.conf`);
    const users = path.join(this.directory, options.users === "nginx" ? "users.conf" : "none.conf");
    await run(`${prefix}-nginx`, {
      image: images.nginx.reference,
      network: prefix,
      alias: "nginx",
      publish: `${port}:${isPlain ? 80 : 443}`,
      volumes: [
        folder,
        `${conf}:/hand-made.conf:ro`,
        `${users}:/bench-users/users.conf:ro`,
        `${prefix}-data:/registry-data:ro`,
      ],
      command: ["nginx", "-c", "/hand-made.conf", "-g", "daemon off;"],
    });
    const nginx = await ServerContainer.find(`${prefix}-nginx`);
    const registry = await ServerContainer.find(`${prefix}-registry`);
    const others = options.redis ? [await ServerContainer.find(`${prefix}-redis`)] : [];
    const url = `${isPlain ? "http" : "https"}://127.0.0.1:${port}`;
    return this.ready({ name, kind, isOurs: false, url, front: nginx, registry }, others);
  }

  private ours(name: string, kind: Kind, factory: Factory): Promise<Contender> {
    return this.deployed({ name, kind, isOurs: true }, factory, true);
  }

  /** One of ours whose registry is asked for each pull. */
  private async asked(name: string, kind: Kind, factory: Factory, byToken = false): Promise<Contender> {
    const contender = await this.deployed({ name, kind, isOurs: false }, factory, false);
    const renew = () => fetchToken(contender.url, LOGIN, [REPOSITORY, `bench/${PREPARED}`]);
    return byToken ? { ...contender, renew } : contender;
  }

  private async deployed(
    { name, kind, isOurs }: Pick<Contender, "name" | "kind" | "isOurs">,
    factory: Factory,
    directPulls: boolean,
  ): Promise<Contender> {
    const port = await freePort();
    const deployment = Deployment.of(`bench-${name.replaceAll(" ", "-").toLowerCase()}`, factory(port, directPulls));
    this.deployments.push(deployment);
    await deployment.apply();
    const proxy = await ServerContainer.find(`${deployment.id}-proxy`);
    const registry = await ServerContainer.find(`${deployment.id}-registry`);
    const url = `${kind === Kind.HTTP ? "http" : "https"}://127.0.0.1:${port}`;
    return this.ready({ name, kind, isOurs, url, front: proxy, registry });
  }

  private async ready(
    parts: Omit<Contender, "headers" | "servers">,
    others: ServerContainer[] = [],
  ): Promise<Contender> {
    const { name, kind, url, front, registry } = parts;
    const headers: Record<string, string> = kind === Kind.USERS ? LOGIN : {};
    const contender = { ...parts, headers, servers: [...new Set([front, registry, ...others])] };
    await eventually(async () => {
      if (!(await answers(contender))) {
        throw new Error(`${name} does not answer at ${url}`);
      }
    }, 20000);
    return contender;
  }

  private async registry(prefix: string, options: Partial<HandMade>, publish?: string): Promise<void> {
    const config = {
      version: 0.1,
      log: { level: "warn", accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: STORAGE },
        delete: { enabled: true },
        cache: { blobdescriptor: options.redis ? "redis" : "inmemory" },
      },
      ...(options.redis ? { redis: { addrs: ["redis:6379"] } } : {}),
      ...(options.users === "registry" ? { auth: { htpasswd: { realm: "registry", path: "/bench/htpasswd" } } } : {}),
      http: {
        addr: options.registryTls ? ":443" : ":5000",
        secret: "bench",
        // The hand-made proxies forget the port that they are published on.
        relativeurls: true,
        headers: { "X-Content-Type-Options": ["nosniff"] },
        ...(options.registryTls ? { tls: { certificate: "/bench/server.crt", key: "/bench/server.key" } } : {}),
      },
    };
    const file = path.join(this.directory, `${prefix}.yml`);
    fs.writeFileSync(file, JSON.stringify(config));
    await run(`${prefix}-registry`, {
      image: images.registry.reference,
      network: prefix,
      alias: "registry",
      publish,
      volumes: [`${prefix}-data:${STORAGE}`, `${file}:/config.yml:ro`, `${this.directory}:/bench:ro`],
      command: ["registry", "serve", "/config.yml"],
    });
  }

  private async network(name: string): Promise<string> {
    const prefix = `${this.prefix}-${name}`;
    await execa("docker", ["network", "create", prefix]);
    return prefix;
  }

  /** As system 001 makes it, with the alternative names that clients ask for today. */
  private async makeCertificate(): Promise<void> {
    const openssl = (...args: string[]) => execa("openssl", args, { cwd: this.directory });
    const days = ["-days", "10000", "-nodes", "-newkey", "rsa:2048"];
    await openssl("req", "-x509", ...days, "-subj", "/CN=bench CA", "-keyout", "ca.key", "-out", "ca.crt");
    await openssl(
      "req",
      "-nodes",
      "-newkey",
      "rsa:2048",
      "-subj",
      "/CN=localhost",
      "-keyout",
      "server.key",
      "-out",
      "server.csr",
    );
    fs.writeFileSync(path.join(this.directory, "san.cnf"), "subjectAltName=DNS:localhost");
    const ca = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san.cnf"];
    await openssl("x509", "-req", "-in", "server.csr", ...ca, "-days", "10000", "-out", "server.crt");
    fs.chmodSync(path.join(this.directory, "server.key"), 0o644);
  }
}

/** Another registry to compare with, if its owner has put it there; nothing here fetches it. */
async function zotBinary(): Promise<string | undefined> {
  const { stdout, exitCode } = await execa("which", ["zot"], { reject: false });
  return exitCode === 0 ? stdout : undefined;
}

/** Takes blobs out of a registry's storage: what is there already is no push, and its second copy is thrown away. */
export async function forgetBlobs({ registry }: Contender, digests: string[]): Promise<void> {
  const files = digests.map((digest) => `${STORAGE}${blobFile(digest)}`);
  await execa("docker", ["exec", registry.name, "rm", "-f", ...files]);
}

interface HandMade {
  /** File in hand-made/, without its ending. */
  readonly conf: string;
  readonly registryTls?: boolean;
  readonly redis?: boolean;
  /** Who checks them. */
  readonly users?: "nginx" | "registry";
}

type Factory = (port: number, directPulls: boolean) => StackFactory;

const httpStack: Factory = (port, directPulls) => {
  const endpoint = PublicEndpoint.http({ host: "localhost", port });
  return (app, id) => new HttpRegistryStack(app, id, { endpoint, images, protectData: false, proxy: { directPulls } });
};

const httpsStack: Factory = (port, directPulls) => {
  const endpoint = PublicEndpoint.https({ host: "localhost", port });
  return (app, id) => new HttpsRegistryStack(app, id, { endpoint, images, protectData: false, proxy: { directPulls } });
};

/** Users and, as everybody may pull something, tokens. */
function usersStack(hash: string): Factory {
  const users = [HtpasswdUser.fromHash("bench", hash, { access: Access.PUSH })];
  const everybody = [Permission.pull("public/**")];
  return (port, directPulls) => {
    const endpoint = PublicEndpoint.https({ host: "localhost", port });
    // Where there are tokens the proxy answers to its names only.
    const names = { endpoint, alternativeNames: ["127.0.0.1"] };
    const props = { ...names, images, users, everybody, protectData: false, proxy: { directPulls } };
    return (app, id) => new AuthenticatedRegistryStack(app, id, props);
  };
}
