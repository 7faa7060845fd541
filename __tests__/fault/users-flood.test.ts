import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { hashSync } from "bcryptjs";
import { TerraformOutput } from "cdktf";
import { images } from "../../environments/images";
import {
  Access,
  HtpasswdAuth,
  HtpasswdUser,
  type IProxyAuth,
  NginxProxy,
  type ProxyBinding,
  PublicEndpoint,
  RegistryContainer,
  RegistryStorage,
  SelfSignedCA,
} from "../../lib";
import { RegistryStack } from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { basicAuth, request } from "../../testing/clients/http";
import { TestImage } from "../../testing/clients/images";
import { wrk } from "../../testing/clients/wrk";
import { Deployment } from "../../testing/machine/deployment";
import { freePorts } from "../../testing/machine/ports";

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const NAMES = ["cached", "plain", "open", "registry", "hasty"] as const;
type Name = (typeof NAMES)[number];
type Ports = { readonly [name in Name]: number };

/** nginx's own check for each request, as it is written by hand. */
class PlainAuth implements IProxyAuth {
  public constructor(private readonly htpasswd: string) {}

  public bindToProxy(): ProxyBinding {
    return {
      nginx: { server: ['auth_basic "plain";', "auth_basic_user_file htpasswd;"] },
      files: [{ path: "htpasswd", content: this.htpasswd }],
    };
  }
}

/** Registries side by side, the same but for where logins are checked. */
class SideBySide extends RegistryStack {
  constructor(scope: ConstructorParameters<typeof RegistryStack>[0], id: string, ports: Ports, hash: string) {
    const endpoint = (port: number) => PublicEndpoint.https({ host: "localhost", port });
    super(scope, id, { endpoint: endpoint(ports.open), images });
    const ca = new SelfSignedCA(this, "CA");
    const certificate = ca.issueCertificate("Server", { endpoint: endpoint(ports.open) });
    new TerraformOutput(this, "ca_certificate", { value: ca.certificatePem });
    const users = () => [
      HtpasswdUser.fromHash("carol", hash, { access: Access.PUSH }),
      HtpasswdUser.generated("reader"),
    ];
    const registryOf = (name: string, auth?: HtpasswdAuth) =>
      new RegistryContainer(this, name, {
        image: images.registry,
        storage: RegistryStorage.filesystem({ protectData: false }),
        auth,
      });
    const proxy = (name: string, port: number, registry: RegistryContainer, auth?: IProxyAuth) =>
      new NginxProxy(this, name, { image: images.nginx, certificate, endpoint: endpoint(port), registry, auth });

    const open = registryOf("Registry");
    proxy("Open", ports.open, open);
    proxy("Cached", ports.cached, open, new HtpasswdAuth(this, "Users", { users: users() }));
    proxy("Plain", ports.plain, open, new PlainAuth(`carol:${hash}\n`));
    const hasty = new HtpasswdAuth(this, "HastyUsers", { users: users(), loginsPerSecond: 1000 });
    proxy("Hasty", ports.hasty, open, hasty);
    const checking = registryOf("Checking", new HtpasswdAuth(this, "OwnUsers", { users: users() }));
    proxy("CheckingProxy", ports.registry, checking);
  }
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

describe("a registry with users at its proxy", () => {
  const password = crypto.randomBytes(12).toString("hex");
  const right = basicAuth("carol", password);
  let deployment: Deployment;
  let ports: Ports;
  let ca: string;

  const MANIFEST = "/v2/team/app/manifests/1";
  const url = (name: Name, where = MANIFEST) => `https://localhost:${ports[name]}${where}`;

  /** One request at a time; how long each took, in milliseconds. */
  async function times(address: string, authorizations: string[], expected: number): Promise<number[]> {
    const taken: number[] = [];
    for (const Authorization of authorizations) {
      const start = performance.now();
      const { status } = await request(address, { ca, headers: { Accept: MANIFEST_TYPE, Authorization } });
      taken.push(performance.now() - start);
      expect(status).toBe(expected);
    }
    return taken;
  }

  beforeAll(async () => {
    const free = await freePorts(NAMES.length);
    ports = Object.fromEntries(NAMES.map((name, i) => [name, free[i]])) as Ports;
    deployment = Deployment.of("flood", (app, id) => new SideBySide(app, id, ports, hashSync(password, 10)));
    await deployment.apply();
    ca = (await deployment.outputs()).ca_certificate as string;
    const file = path.join(deployment.directory, "ca.crt");
    fs.writeFileSync(file, ca);
    const crane = new Crane(deployment.directory, { ca: file });
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [1000] });
    for (const host of [`localhost:${ports.cached}`, `localhost:${ports.registry}`]) {
      await crane.login(host, { user: "carol", password });
      await crane.push(image.directory, `${host}/team/app:1`);
    }
  });
  afterAll(() => deployment?.cleanUp());

  // The figures themselves are the bench's; here the ratios leave room for a machine that does other things too.
  it("answers many times as many requests as one that runs bcrypt for each, and nearly as many as an open one", async () => {
    const rates: { [name in Name]?: number[] } = {};
    // In turns, so that whatever else the machine does slows all of them.
    for (let round = 0; round < 3; round++) {
      for (const name of ["cached", "open", "plain", "registry"] as const) {
        const Authorization = right;
        const { requestsPerSecond, failures } = await wrk(url(name), {
          connections: 32,
          seconds: 6,
          headers: { Accept: MANIFEST_TYPE, ...(name === "open" ? {} : { Authorization }) },
        });
        expect({ name, failures }).toEqual({ name, failures: 0 });
        rates[name] = [...(rates[name] ?? []), requestsPerSecond];
      }
    }
    console.log("requests a second:", JSON.stringify(rates));
    const timesAsMany = (other: Name) => median((rates.cached ?? []).map((rate, i) => rate / (rates[other] ?? [])[i]));
    expect(timesAsMany("plain")).toBeGreaterThan(25);
    expect(timesAsMany("registry")).toBeGreaterThan(25);
    expect(timesAsMany("open")).toBeGreaterThan(0.5);
  });

  it("lets its users wait for a fraction of the time that others would, while passwords are tried", async () => {
    const flooded = async (name: "cached" | "plain") => {
      await times(url(name), [right], 200);
      const flood = wrk(url(name), {
        connections: 16,
        seconds: 15,
        // Connections that stay may all be with one of nginx's workers, and its other one is then free for the user.
        headers: { Authorization: basicAuth("carol", "wrong"), Connection: "close" },
      });
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const taken: number[] = [];
      const end = Date.now() + 12000;
      while (Date.now() < end) {
        taken.push(...(await times(url(name), [right], 200)));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const { requestsPerSecond } = await flood;
      taken.sort((a, b) => a - b);
      return { p99: taken[Math.ceil(taken.length * 0.99) - 1], longest: taken[taken.length - 1], requestsPerSecond };
    };
    const plain = await flooded("plain");
    const cached = await flooded("cached");
    console.log("under a flood of wrong passwords, in ms:", JSON.stringify({ plain, cached }));
    expect(cached.p99).toBeLessThan(plain.p99 / 4);
    expect(cached.longest).toBeLessThan(plain.p99 / 2);
  });

  it.each(["hasty", "registry"] as const)(
    "does not tell by the time of its answer who is a user (%s)",
    async (name) => {
      const known = basicAuth("carol", "wrong");
      const unknown = basicAuth("mallory", "wrong");
      const pairs = Array.from({ length: 40 }, () => [known, unknown]).flat();
      const taken = await times(url(name), pairs, 401);
      const ofKnown = median(taken.filter((_, i) => i % 2 === 0));
      const difference = ofKnown - median(taken.filter((_, i) => i % 2 === 1));
      console.log(`${name}: known and unknown names differ by ${difference.toFixed(2)} of ${ofKnown.toFixed(0)} ms`);
      expect(Math.abs(difference)).toBeLessThan(ofKnown / 3);
    },
  );

  it("makes an address that tries passwords wait, and refuses what is too much", async () => {
    const wrong = Array.from({ length: 30 }, () => basicAuth("carol", "wrong"));
    const start = Date.now();
    const statuses = await Promise.all(
      wrong.map(async (Authorization) => {
        const { status } = await request(url("cached"), { ca, headers: { Authorization }, timeoutMs: 60000 });
        return status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    // Twenty at once, ten more at five a second.
    expect(Date.now() - start).toBeGreaterThan(1500);
    const crowd = wrk(url("cached"), { connections: 200, seconds: 8, headers: { Authorization: wrong[0] } });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const slow = { ca, timeoutMs: 60000 };
    const crowded = await Promise.all(
      wrong.slice(0, 5).map((Authorization) => request(url("cached"), { ...slow, headers: { Authorization } })),
    );
    const refused = crowded.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(JSON.parse(refused[0].text).errors[0].code).toBe("TOOMANYREQUESTS");
    await times(url("cached"), [right], 200);
    await crowd;
  });
});
