import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { aptInstall } from "../../bootstrap/apt";
import { isInstalled } from "../../bootstrap/command";
import { images } from "../../environments/images";
import { Access, HtpasswdUser, PublicEndpoint } from "../../lib";
import { AuthenticatedRegistryStack } from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { basicAuth, request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { freePorts } from "../../testing/machine/ports";
import { removeDirectory } from "../../testing/machine/scratch";
import { RegistryOnSwarm } from "../../testing/stacks/swarm-registry";

const USERS = ["ci", "carol"];
const IMAGES = 12;

/** The way of docs/swarm.md, "From one machine and back", with its own commands. */
describe("a registry that moves from one machine to a Swarm and back", () => {
  let port: number;
  let home: Deployment;
  let swarm: RegistryOnSwarm;
  let atHome: Crane;
  let onSwarm: Crane;
  /** Of each image by its name and tag: what a pull has to bring. */
  const pushed = new Map<string, TestImage>();
  const passwords: Record<string, string> = {};

  const homeStack =
    (readOnly: boolean): StackFactory =>
    (app, id) =>
      new AuthenticatedRegistryStack(app, id, {
        endpoint: PublicEndpoint.https({ host: "localhost", port }),
        images,
        protectData: false,
        users: USERS.map((name) => HtpasswdUser.generated(name, { access: Access.PUSH })),
        registry: { readOnly },
      });
  const docker = async (...args: string[]) => (await execa("docker", args)).stdout;
  const inside = (...names: string[]) => path.join(home.directory, ...names);
  const swarmHost = (node: number) => `${swarm.swarm.address(node)}:5443`;

  /** Pushes images of two layers, the first of which each image of a repository shares. */
  const push = async (crane: Crane, host: (i: number) => string, word: string, count: number) => {
    for (let i = 0; i < count; i++) {
      const name = `team/${word}-${i % 3}:${i}`;
      const image = await TestImage.create(inside(`image-${word}-${i}`), { layers: [4 * MiB, 100_000 + i] });
      await crane.push(image.directory, `${host(i)}/${name}`);
      pushed.set(name, image);
    }
  };

  const expectEveryImage = async (crane: Crane, host: (i: number) => string) => {
    const lost: string[] = [];
    for (const [i, [name, image]] of [...pushed].entries()) {
      const folder = inside("pulled");
      await crane.pull(`${host(i)}/${name}`, folder);
      const found = await digestsBelow(folder);
      removeDirectory(folder);
      lost.push(...image.blobs.filter(({ digest }) => !found.has(digest)).map(({ digest }) => `${name} ${digest}`));
    }
    expect(lost).toEqual([]);
  };

  const rclone = async (...args: string[]) => {
    const { s3 } = swarm.swarm;
    const { AWS_CA_BUNDLE: _, ...env } = process.env;
    const begun = Date.now();
    await execa("rclone", [...args, "--transfers", "8"], {
      env: {
        ...env,
        RCLONE_CONFIG_BUCKET_TYPE: "s3",
        RCLONE_CONFIG_BUCKET_PROVIDER: "Other",
        RCLONE_CONFIG_BUCKET_ENDPOINT: s3.endpoint,
        RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID: s3.accessKey,
        RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY: s3.secretKey,
      },
      extendEnv: false,
    });
    return (Date.now() - begun) / 1000;
  };
  const volume = () => docker("volume", "inspect", "--format", "{{.Mountpoint}}", `${home.id}-registry-data`);
  const bucket = () => `bucket:${swarm.swarm.s3.bucket}/docker`;

  beforeAll(async () => {
    if (!(await isInstalled("rclone"))) {
      await aptInstall(["rclone"], "for the test of a move");
    }
    [port] = await freePorts(1);
    home = Deployment.of("home", homeStack(false));
    await home.apply();
    const outputs = await home.outputs();
    Object.assign(passwords, outputs.users);
    atHome = new Crane(inside("home"), { ca: inside("home-ca.crt") });
    fs.writeFileSync(inside("home-ca.crt"), String(outputs.ca_certificate));
    await atHome.login(`localhost:${port}`, { user: "ci", password: passwords.ci });
    await push(atHome, () => `localhost:${port}`, "home", IMAGES);
  });
  afterAll(async () => {
    await swarm?.cleanUp();
    await home?.cleanUp();
  });

  it("has each image and each user there after the volume was copied into the bucket", async () => {
    // Not the entry that nobody can log in with.
    const entries = await docker("exec", `${home.id}-proxy`, "grep", "-v", "^-:", "/config/current/htpasswd");
    const users = HtpasswdUser.fromHtpasswd(entries, { access: Access.PUSH });
    expect(users.map(({ name }) => name).sort()).toEqual([...USERS].sort());
    await home.apply(homeStack(true));

    swarm = new RegistryOnSwarm("moved", { props: { users } });
    await swarm.deploy();
    Object.assign(swarm.passwords, passwords);
    const copied = await rclone("sync", `${await volume()}/docker`, bucket(), "--exclude", "_uploads/**");
    await rclone("check", `${await volume()}/docker`, bucket(), "--exclude", "_uploads/**");
    console.info(`${pushed.size} images were copied into the bucket in ${copied} s`);

    for (const user of USERS) {
      expect((await swarm.get(1, "/v2/", { user })).status).toBe(200);
    }
    onSwarm = new Crane(inside("swarm"), { ca: swarm.caFile });
    for (const node of [0, 1]) {
      await onSwarm.login(swarmHost(node), { user: "ci", password: passwords.ci });
    }
    await expectEveryImage(onSwarm, (i) => swarmHost(i % 2));
  });

  it("takes pushes there", async () => {
    await push(onSwarm, (i) => swarmHost(i % 2), "swarm", IMAGES);
    await expectEveryImage(onSwarm, (i) => swarmHost((i + 1) % 2));
  });

  it("has all of them again on the one machine", async () => {
    await swarm.change({ registry: { readOnly: true } });
    const data = await volume();
    const copied = await rclone("sync", bucket(), `${data}/docker`, "--exclude", "_uploads/**");
    await execa("chown", ["-R", `--reference=${data}`, `${data}/docker`]);
    console.info(`${pushed.size} images were copied back in ${copied} s`);
    await home.apply(homeStack(false));
    await expectEveryImage(atHome, () => `localhost:${port}`);
    await push(atHome, () => `localhost:${port}`, "again", 3);
    await expectEveryImage(atHome, () => `localhost:${port}`);
    const ca = fs.readFileSync(inside("home-ca.crt"), "utf8");
    for (const user of USERS) {
      const headers = { Authorization: basicAuth(user, passwords[user]) };
      expect((await request(`https://localhost:${port}/v2/`, { ca, headers })).status).toBe(200);
    }
  });
});
