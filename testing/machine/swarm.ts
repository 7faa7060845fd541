import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { S3OfMachines } from "../servers/s3";
import { eventually } from "./eventually";
import { PrivateEngine, unmountBelow } from "./private-engine";
import { expectNoneOf, killAllOf } from "./processes";
import { Wire } from "./wire";

const NODES = ["node-1", "node-2"];
const FOLDER = "swarm";

/**
 * Two engines that are one swarm, each as on a machine of its own, and an S3 server that is on neither. The first is the
 * only manager. It needs what private engines need.
 */
export class Swarm {
  /** `directory`: of the test's run, so that `sweepDeadRuns` finds it. */
  public static async start(directory: string, images: string[]): Promise<Swarm> {
    const home = path.join(directory, FOLDER);
    const wire = await Wire.lay(home);
    const swarm = new Swarm(directory, wire, await S3OfMachines.start(home, wire));
    await swarm.join(home, images);
    return swarm;
  }

  public readonly nodes: PrivateEngine[] = [];

  private constructor(
    /** Of the run. */
    private readonly directory: string,
    private readonly wire: Wire,
    public readonly s3: S3OfMachines,
  ) {}

  /** The engine that takes orders. */
  public get manager(): PrivateEngine {
    return this.nodes[0];
  }

  /** Of a node, as its clients see it, of which this machine is one. */
  public address(node: number): string {
    return this.wire.address(11 + node);
  }

  /** The docker command line against a node's engine; the manager's unless told otherwise. */
  public async docker(args: string[], node = 0): Promise<string> {
    return (await execa("docker", ["--host", this.nodes[node].host, ...args])).stdout;
  }

  public async stop(): Promise<void> {
    await stopSwarmOf(this.directory);
  }

  private async join(home: string, images: string[]): Promise<void> {
    await Promise.all(
      NODES.map(async (name, i) => {
        const engine = await PrivateEngine.start(path.join(home, name), { userlandProxy: false, name });
        this.nodes[i] = engine;
        await this.wire.join(engine.pid, 11 + i);
      }),
    );
    await this.docker(["swarm", "init", "--advertise-addr", this.address(0)]);
    const token = await this.docker(["swarm", "join-token", "--quiet", "worker"]);
    const join = ["swarm", "join", "--token", token, "--advertise-addr", this.address(1), `${this.address(0)}:2377`];
    await this.docker(join, 1);
    await Promise.all(this.nodes.map((engine) => engine.copyImages(images)));
    await eventually(async () => {
      const states = await this.docker(["node", "ls", "--format", "{{.Status}}"]);
      if (states !== "Ready\nReady") {
        throw new Error(`the nodes are ${states}`);
      }
    }, 20000);
  }
}

/**
 * Ends the swarm of a run's folder, also one that a killed test run left there. Without a goodbye, which takes the engines
 * a quarter of a minute: interfaces go with the namespaces, and those with their last process.
 */
export async function stopSwarmOf(directory: string): Promise<void> {
  const home = path.join(directory, FOLDER);
  if (fs.existsSync(home)) {
    killAllOf(`${home}/`);
    await eventually(() => expectNoneOf(`${home}/`), 20000);
    await unmountBelow(home);
  }
}
