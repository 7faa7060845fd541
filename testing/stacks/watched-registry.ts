import fs from "node:fs";
import path from "node:path";
import type { TerraformStack } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import {
  Access,
  BackupTarget,
  DiskReserve,
  GarbageCollection,
  HtpasswdUser,
  PublicEndpoint,
  type RegistryAlerts,
  type RegistryContainer,
} from "../../lib";
import { SERVICE_UID } from "../../lib/docker/service-container";
import { AuthenticatedRegistryStack } from "../../stacks";
import { Crane } from "../clients/clients";
import { basicAuth, type Request, request } from "../clients/http";
import { TestImage } from "../clients/images";
import { Prometheus } from "../clients/prometheus";
import { Deployment, type StackFactory } from "../machine/deployment";
import { eventually } from "../machine/eventually";
import { freePorts } from "../machine/ports";

const DISK_MIB = 128;
export const RESERVE_MIB = 24;

/** Seconds after which a missing collection or backup is told; in real life days. */
export const MISSING_SECONDS = 20;

/** Where the registry has its images. */
export const DATA = "/var/lib/registry";

/** A registry with all that has metrics, on a small disk, and a Prometheus that loses its patience at once. */
function stackOf(port: number, prometheusPort: number, alerts: RegistryAlerts = {}): StackFactory {
  return (app, id): TerraformStack => {
    const stack = new AuthenticatedRegistryStack(app, id, {
      endpoint: PublicEndpoint.https({ host: "localhost", port }),
      images,
      protectData: false,
      users: [HtpasswdUser.generated("ci", { access: Access.PUSH })],
      redisCache: true,
      registry: {
        maintenance: GarbageCollection.of({ graceMinutes: 0 }),
        diskReserve: DiskReserve.mebibytes(RESERVE_MIB),
      },
      backup: { target: BackupTarget.volume({ protectData: false }) },
      monitoring: {
        publishPort: prometheusPort,
        scrapeSeconds: 2,
        alerts: {
          patienceSeconds: 1,
          windowSeconds: 8,
          maintenanceHours: MISSING_SECONDS / 3600,
          backupHours: MISSING_SECONDS / 3600,
          ...alerts,
        },
      },
    });
    const { dataVolume } = stack.registry.registry as RegistryContainer;
    dataVolume?.addOverride("driver", "local");
    dataVolume?.addOverride("driver_opts", {
      type: "tmpfs",
      device: "tmpfs",
      o: `size=${DISK_MIB}m`,
    });
    return stack;
  };
}

/** The same, deployed and with an image in it. */
export class WatchedRegistry {
  public static async deploy(word: string): Promise<WatchedRegistry> {
    const [port, prometheusPort] = await freePorts(2);
    const deployment = Deployment.of(word, stackOf(port, prometheusPort));
    const watched = new WatchedRegistry(deployment, port, prometheusPort);
    try {
      await watched.begin();
    } catch (error) {
      await deployment.cleanUp();
      throw error;
    }
    return watched;
  }

  public readonly prometheus: Prometheus;
  public password = "";
  public ca = "";
  public layer = "";

  private constructor(
    public readonly deployment: Deployment,
    public readonly port: number,
    private readonly prometheusPort: number,
  ) {
    this.prometheus = new Prometheus(prometheusPort);
  }

  /** Deploys it with other limits of its alerts. */
  public change(alerts: RegistryAlerts) {
    return this.deployment.apply(stackOf(this.port, this.prometheusPort, alerts));
  }

  public container(name: string): string {
    return `${this.deployment.id}-${name}`;
  }

  public async docker(...args: string[]): Promise<string> {
    return (await execa("docker", args)).stdout;
  }

  public inside(name: string, script: string): Promise<string> {
    return this.docker("exec", this.container(name), "sh", "-c", script);
  }

  /** What the proxy has written down of requests that ended in these seconds, the first left out. */
  public async logged(from: number, to: number): Promise<{ path: string; seconds: number; length: number }[]> {
    const lines = (await this.docker("logs", "--since", String(from - 1), this.container("proxy"))).split("\n");
    const line = /\[([^\]]+)\] "\S+ (\S+) .* request_time=([\d.]+) .* request_length=(\d+)/;
    return lines.flatMap((text) => {
      const [, time, where, seconds, length] = line.exec(text) ?? [];
      const at = Date.parse(time) / 1000;
      return at > from && at <= to ? [{ path: where, seconds: Number(seconds), length: Number(length) }] : [];
    });
  }

  public ask(where: string, options: Request = {}) {
    return request(`https://localhost:${this.port}${where}`, {
      ca: this.ca,
      ...options,
      headers: { Authorization: basicAuth("ci", this.password), ...options.headers },
    });
  }

  /** What Prometheus gets. */
  public scrape(): Promise<string> {
    return this.inside("registry-metrics-door", "wget -qO- http://127.0.0.1:5001/metrics");
  }

  public async fires(alert: string, withinMs = 60_000): Promise<void> {
    await eventually(async () => expect(await this.prometheus.firing()).toContain(alert), withinMs, 300);
  }

  public async resolves(alert: string): Promise<void> {
    await eventually(async () => expect(await this.prometheus.firing()).not.toContain(alert), 60_000, 300);
  }

  private async begin(): Promise<void> {
    await this.deployment.apply();
    // Where it was empty again when the writer of the configuration had gone, it belongs to whom the image's folder does.
    const open = `chmod 0777 ${DATA} 2>/dev/null || [ "$(stat -c %u ${DATA})" = ${SERVICE_UID} ]`;
    await this.docker("exec", "--user=0", this.container("registry"), "sh", "-c", open);
    const { users, ca_certificate } = await this.deployment.outputs();
    this.password = (users as Record<string, string>).ci;
    this.ca = ca_certificate as string;
    const { directory } = this.deployment;
    const ca = path.join(directory, "watched-ca.crt");
    fs.writeFileSync(ca, this.ca);
    const crane = new Crane(directory, { ca });
    await crane.login(`localhost:${this.port}`, { user: "ci", password: this.password });
    const image = await TestImage.create(path.join(directory, "image"), { layers: [100_000] });
    await crane.push(image.directory, `localhost:${this.port}/team/app:1`);
    this.layer = image.layers[0].digest;
  }
}
