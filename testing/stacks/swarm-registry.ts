import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { Access, HtpasswdUser, PublicEndpoint, type RegistryContainerProps, RegistryStorage } from "../../lib";
import { type RegistryImages, SwarmRegistryStack, type SwarmRegistryStackProps } from "../../stacks";
import { basicAuth, type Request, type Response, request } from "../clients/http";
import { Deployment, type StackFactory } from "../machine/deployment";
import { eventually } from "../machine/eventually";
import { Swarm } from "../machine/swarm";
import { secretVariable } from "./secret-variable";

const PORT = 5443;

/** What a test changes about a deployed one. */
export interface SwarmChange {
  readonly images?: RegistryImages;
  readonly registry?: RegistryContainerProps;
  /** Another one gives "ci" another password. */
  readonly rotation?: string;
  /** Further names for the certificate, which is another one then. */
  readonly alternativeNames?: string[];
  /** Whether pulls are sent to the storage. */
  readonly isRedirecting?: boolean;
  readonly props?: Partial<SwarmRegistryStackProps>;
}

/** A task of a service: a container on one of the nodes. */
export interface Task {
  readonly node: number;
  readonly container: string;
  /** On the network between proxies and registries. */
  readonly address?: string;
}

/** A registry on a Swarm of two nodes, with TLS and the users "ci" and "carol"; what it keeps is in S3, outside of both. */
export class RegistryOnSwarm {
  public readonly deployment: Deployment;
  public swarm!: Swarm;
  public ca = "";
  public passwords: Record<string, string> = {};

  public constructor(
    word: string,
    /** What each of its stacks has; it may name what is known only when the nodes are there. */
    public always: SwarmChange = {},
  ) {
    this.deployment = Deployment.of(word, (app, id) => this.stack()(app, id), {
      env: { TF_VAR_s3_secret: "of-two-machines" },
    });
  }

  public async deploy(): Promise<void> {
    const { registry, nginx, redis } = this.always.images ?? images;
    const used = [registry, nginx, redis].map(({ reference }) => reference);
    this.swarm = await Swarm.start(this.deployment.directory, used);
    await this.deployment.apply();
    await this.readOutputs();
  }

  public stack(change: SwarmChange = {}): StackFactory {
    const { rotation, alternativeNames = [], registry, props, isRedirecting, ...rest } = { ...this.always, ...change };
    return (app, id) =>
      new SwarmRegistryStack(app, id, {
        engine: this.swarm.manager.host,
        endpoint: PublicEndpoint.https({ host: this.name, port: PORT, publishAddress: "0.0.0.0" }),
        images,
        alternativeNames: [this.swarm.address(0), this.swarm.address(1), ...alternativeNames],
        storage: (stack) =>
          RegistryStorage.s3({
            bucket: this.swarm.s3.bucket,
            endpoint: this.swarm.s3.endpoint,
            accessKey: this.swarm.s3.accessKey,
            secretKey: secretVariable(stack, "s3_secret"),
            redirect: isRedirecting,
          }),
        users: [
          HtpasswdUser.generated("ci", { access: Access.PUSH, rotation }),
          HtpasswdUser.generated("carol", { access: Access.PUSH }),
        ],
        nodes: 2,
        registryService: { update: { monitorSeconds: 2 } },
        proxyService: { update: { monitorSeconds: 2 } },
        registry: { healthIntervalSeconds: 1, ...this.always.registry, ...registry },
        proxy: { healthIntervalSeconds: 1 },
        ...rest,
        ...props,
      });
  }

  /** Deploys a change; the next plan must be empty. */
  public async change(change: SwarmChange): Promise<void> {
    await this.deployment.apply(this.stack(change));
    await this.readOutputs();
    const { isEmpty, text } = await this.deployment.plan();
    if (!isEmpty) {
      throw new Error(`the plan after the change is not empty:\n${text}`);
    }
  }

  public get name(): string {
    return `${this.deployment.id}.example`;
  }

  public get host(): string {
    return `${this.name}:${PORT}`;
  }

  /** File of the CA's certificate. */
  public get caFile(): string {
    return path.join(this.deployment.directory, "ca.crt");
  }

  public as(user: string): { ca: string; headers: { Authorization: string } } {
    return { ca: this.ca, headers: { Authorization: basicAuth(user, this.passwords[user]) } };
  }

  /** Through the proxy of a node, as "carol" unless told otherwise. */
  public get(node: number, path: string, options: Request & { readonly user?: string } = {}): Promise<Response> {
    const { user = "carol", ...rest } = options;
    const { ca, headers } = this.as(user);
    const url = path.startsWith("https:") ? path : `https://${this.host}${path}`;
    return request(url, { ca, address: this.swarm.address(node), ...rest, headers: { ...headers, ...rest.headers } });
  }

  /** Those that run now. */
  public async tasks(service: string): Promise<Task[]> {
    const name = `${this.deployment.id}-${service}`;
    const list = ["ps", "--filter", `label=com.docker.swarm.service.name=${name}`, "--quiet"];
    const found = await Promise.all(
      this.swarm.nodes.map(async (_, node) => {
        const ids = (await this.swarm.docker(list, node)).split("\n").filter(Boolean);
        return Promise.all(ids.map((container) => this.task(node, container)));
      }),
    );
    return found.flat();
  }

  /** The first process of a task, as this machine counts. */
  public async pid({ node, container }: Task): Promise<number> {
    return Number(await this.swarm.docker(["inspect", "--format", "{{.State.Pid}}", container], node));
  }

  /** What a command of the maintenance does, in the task that collects unless told otherwise. */
  public async maintain(args: string[], by?: Task): Promise<{ exitCode: number; output: string }> {
    const { node, container } = by ?? (await this.tasks("collector"))[0];
    const { host } = this.swarm.nodes[node];
    const command = ["--host", host, "exec", container, "sh", "/config/current/bin/maintain", ...args];
    const { exitCode, all } = await execa("docker", command, { all: true, reject: false });
    return { exitCode, output: all ?? "" };
  }

  /** Text of a file of a task; empty where it is not there. */
  public async file({ node, container }: Task, path: string): Promise<string> {
    const command = ["--host", this.swarm.nodes[node].host, "exec", container, "cat", path];
    return (await execa("docker", command, { reject: false })).stdout;
  }

  /** Digests of the blobs that are in the bucket. */
  public async blobs(): Promise<string[]> {
    const { data, bucket } = this.swarm.s3;
    const folder = path.join(data, bucket, "docker/registry/v2/blobs");
    const { stdout } = await execa("find", [folder, "-name", "data", "-type", "f"]);
    return stdout.split("\n").map((file) => `sha256:${file.split("/").at(-2)}`);
  }

  /** Sends the tasks of a node elsewhere, and lets it have some again afterwards. */
  public async whileDrained(node: number, meanwhile: (drain: () => Promise<unknown>) => Promise<void>): Promise<void> {
    const availability = (word: string) =>
      this.swarm.docker(["node", "update", "--availability", word, `node-${node + 1}`]);
    try {
      await meanwhile(() => availability("drain"));
    } finally {
      await availability("active");
    }
    await this.settled();
  }

  /** Waits until all tasks that should run do so. */
  public async settled(): Promise<void> {
    await eventually(async () => {
      const replicas = await this.swarm.docker(["service", "ls", "--format", "{{.Name}} {{.Replicas}}"]);
      const waiting = replicas.split("\n").filter((line) => !/ (\d+)\/\1( |$)/.test(line));
      if (waiting.length > 0) {
        throw new Error(`waiting for ${waiting.join(", ")}`);
      }
    }, 60000);
  }

  /** What is left of it on both nodes: containers, networks, volumes, services, configs and secrets. */
  public async leftovers(): Promise<string[]> {
    const lists = [
      ["ps", "--all", "--format", "{{.Names}}"],
      ["network", "ls", "--format", "{{.Name}}"],
      ["volume", "ls", "--format", "{{.Name}}"],
    ];
    const ofManagers = ["service", "config", "secret"].map((kind) => [kind, "ls", "--format", "{{.Name}}"]);
    const asked = [
      ...this.swarm.nodes.flatMap((_, node) => lists.map((list) => this.swarm.docker(list, node))),
      ...ofManagers.map((list) => this.swarm.docker(list)),
    ];
    const own = ["bridge", "host", "none", "docker_gwbridge", "ingress"];
    return (await Promise.all(asked)).flatMap((text) => text.split("\n")).filter((name) => name && !own.includes(name));
  }

  public async cleanUp(): Promise<void> {
    await this.swarm?.stop();
    await this.deployment.cleanUp();
  }

  private async task(node: number, container: string): Promise<Task> {
    const networks = JSON.parse(
      await this.swarm.docker(["inspect", "--format", "{{json .NetworkSettings.Networks}}", container], node),
    );
    return { node, container, address: networks[`${this.deployment.id}-registry`]?.IPAddress };
  }

  private async readOutputs(): Promise<void> {
    const outputs = await this.deployment.outputs();
    this.passwords = { ...this.passwords, ...(outputs.users as Record<string, string>) };
    this.ca = outputs.ca_certificate as string;
    fs.writeFileSync(this.caFile, this.ca);
  }
}
