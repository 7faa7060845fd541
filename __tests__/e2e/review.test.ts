import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { hashSync } from "bcryptjs";
import execa from "execa";
import { request } from "../../testing/clients/http";
import { addEnvironments, copyCheckout } from "../../testing/machine/checkout";
import { inspect, objectsOf, removeObjects } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort, freePorts } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";

const VARIABLES = ["dave", "hook", "smtp", "s3", "redis", "upstream"];

/** A word for each secret that somebody gives, so that it is found wherever it goes. */
const canaries = (): Record<string, string> =>
  Object.fromEntries(
    VARIABLES.map((name) => [`TF_VAR_${name}`, `canary-${name}-${crypto.randomBytes(8).toString("hex")}`]),
  );

describe("npm run review, and npm run deploy of what was reviewed", () => {
  const environment = runName("review");
  const [stored, mirror] = [`${environment}-stored`, `${environment}-mirror`];
  const hash = hashSync("carol", 10);
  let checkout: string;
  let tmp: string;
  let port: number;
  let secrets = canaries();
  const seen: string[] = [];

  /** Everything that it prints is kept, to be searched for secrets. */
  const npm = async (script: string, args: string[], env: Record<string, string> = {}) => {
    const result = await execa("npm", ["run", "--silent", script, "--", ...args], {
      cwd: checkout,
      env: { CHECKPOINT_DISABLE: "1", TMPDIR: tmp, NO_COLOR: "1", ...secrets, ...env },
      all: true,
      reject: false,
    });
    seen.push(result.all ?? "");
    return result;
  };
  const review = (...args: string[]) => npm("review", args);
  const deploy = (fingerprint: string, env?: Record<string, string>) =>
    npm("deploy", [environment, "--reviewed", fingerprint], env);
  const fingerprintIn = (report: string) => /--reviewed ([0-9a-f]{32})/.exec(report)?.[1] ?? "none";
  const objects = () => objectsOf((name) => name.startsWith(`${environment}-`));
  const temporary = () => fs.readdirSync(tmp).filter((name) => name.startsWith("plan-review-"));

  /** Edits the environment's file as a pull request would. */
  const edit = (from: string, to: string) => {
    const file = path.join(checkout, "environments", "mine.ts");
    const text = fs.readFileSync(file, "utf8");
    expect(text).toContain(from);
    fs.writeFileSync(file, text.replace(from, to));
  };

  beforeAll(async () => {
    checkout = scratchDirectory(environment);
    tmp = path.join(checkout, "tmp");
    await copyCheckout(checkout);
    fs.mkdirSync(tmp);
    let others: number[];
    [port, ...others] = await freePorts(3);
    const endpoint = (at: number) => `PublicEndpoint.https({ host: "localhost", port: ${at} })`;
    addEnvironments(checkout, { mine: environment, stored, mirror }, [
      'import { TerraformVariable } from "cdktf";',
      'import { ExistingRedis, HtpasswdUser, MailHookLevel, PublicEndpoint, RegistryStorage } from "../lib";',
      'import { RegistryStack } from "../stacks";',
      'import { environment } from "./environment";',
      'import { images } from "./images";',
      "class Mine extends RegistryStack {",
      "  constructor(...args: ConstructorParameters<typeof RegistryStack>) {",
      "    super(...args);",
      '    const secret = (name: string) => new TerraformVariable(this, name, { type: "string", sensitive: true }).stringValue;',
      "    const { users } = this.addRegistry({",
      `      users: [HtpasswdUser.generated("ci"), HtpasswdUser.fromHash("carol", ${JSON.stringify(hash)})],`,
      "      redisCache: true,",
      "      registryOptions: {",
      '        notifications: [{ name: "hook", url: "http://localhost:1/", headers: { Authorization: [secret("hook")] }, disabled: true }],',
      '        log: { mailHooks: [{ disabled: true, levels: [MailHookLevel.PANIC], smtpAddress: "localhost:25", smtpUser: "m", smtpPassword: secret("smtp"), sender: "a@example.com", receivers: ["b@example.com"] }] },',
      "      },",
      "    });",
      '    users?.addUser(HtpasswdUser.fromPassword("dave", secret("dave")));',
      "  }",
      "}",
      "class Stored extends RegistryStack {",
      "  constructor(...args: ConstructorParameters<typeof RegistryStack>) {",
      "    super(...args);",
      '    const secret = (name: string) => new TerraformVariable(this, name, { type: "string", sensitive: true }).stringValue;',
      "    this.addRegistry({ registryOptions: {",
      '      storage: RegistryStorage.s3({ bucket: "b", region: "r", accessKey: "a", secretKey: secret("s3") }),',
      '      cache: new ExistingRedis({ address: "localhost:6379", password: secret("redis") }),',
      "    } });",
      "  }",
      "}",
      "class Mirror extends RegistryStack {",
      "  constructor(...args: ConstructorParameters<typeof RegistryStack>) {",
      "    super(...args);",
      '    const secret = (name: string) => new TerraformVariable(this, name, { type: "string", sensitive: true }).stringValue;',
      '    this.addRegistry({ upstream: { url: "https://localhost:1", user: "u", password: secret("upstream") } });',
      "  }",
      "}",
      `export const mine = environment(Mine, { endpoint: ${endpoint(port)}, images, protectData: false });`,
      `export const stored = environment(Stored, { endpoint: ${endpoint(others[0])}, images });`,
      `export const mirror = environment(Mirror, { endpoint: ${endpoint(others[1])}, images });`,
    ]);
    const git = (...args: string[]) => execa("git", args, { cwd: checkout });
    await git("init", "--quiet");
    await git("add", "--all");
    await git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "first");
  });
  afterAll(async () => {
    await removeObjects(await objects());
    removeDirectory(checkout);
  });

  let fingerprint: string;

  it("reviews environments that were never deployed", async () => {
    const { exitCode, stdout, stderr } = await review(environment, stored, mirror);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
    expect(stdout.match(/A new environment/g)).toHaveLength(3);
    fingerprint = fingerprintIn(stdout);
  });

  it("refuses a plan that is another one by now, and names the argument", async () => {
    const { exitCode, all } = await deploy(fingerprint, { TF_VAR_dave: "canary-of-somebody-else" });
    expect(exitCode).toBe(1);
    expect(all).toContain("the plan is not the one that was reviewed; nothing was applied");
    expect(all).toContain("variable dave: is another one");
    expect(await objects()).toEqual([]);
  });

  it("applies the plan that was reviewed, when two start it at once only once", async () => {
    const both = await Promise.all([deploy(fingerprint), deploy(fingerprint)]);
    expect({ codes: both.map(({ exitCode }) => exitCode).sort(), all: both.map(({ all }) => all) }).toMatchObject({
      codes: [0, 1],
    });
    const refused = both.find(({ exitCode }) => exitCode === 1)?.all;
    expect(refused).toMatch(
      /nothing to change any more|is not the one that was reviewed|plan is stale|state is locked/i,
    );
    const { status } = await request(`https://localhost:${port}/v2/`, { ca: await certificate() });
    expect(status).toBe(401);
  });

  const state = () => fs.readFileSync(path.join(checkout, "state", `${environment}.tfstate`), "utf8");
  const certificate = async () => JSON.parse(state()).outputs.ca_certificate.value as string;

  it("says that nothing changes when nothing does", async () => {
    const { exitCode, stdout } = await review(environment);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(`unchanged: ${environment}`) });
  });

  it("tells what was changed by hand", async () => {
    await execa("docker", ["rm", "--force", `${environment}-cache`]);
    const { exitCode, stdout } = await review(environment, "--drift");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(/Cache[\s\S]*removed it by hand/),
    });
  });

  it("shows none of the secrets that were given or made, old or new, in any format", async () => {
    const old = secrets;
    secrets = canaries();
    edit('url: "http://localhost:1/"', 'url: "http://localhost:2/"');
    edit(`port: ${port} }`, `port: ${port}, publishAddress: "0.0.0.0" }`);
    for (const format of ["terminal", "markdown", "json"]) {
      const { exitCode, stdout } = await review(environment, stored, mirror, "--format", format);
      expect({ exitCode, format }).toEqual({ exitCode: 3, format });
      expect(stdout).toContain("Opened to other machines");
      expect(stdout).toContain("User dave has another password");
    }
    const known = [...Object.values(old), ...Object.values(secrets), ...madeSecrets(state()), hash];
    expect(known.length).toBeGreaterThan(20);
    const written = [path.join(checkout, "state", ".reviewed"), path.join(checkout, "cdktf.out"), tmp].flatMap(
      textsBelow,
    );
    // What is in the code is in the synth, which nothing of this wrote.
    const texts = [...seen, ...written.filter(({ file }) => !file.endsWith("cdk.tf.json")).map(({ text }) => text)];
    expect(known.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
    expect(temporary()).toEqual([]);
  });

  it("fails for a dangerous change until a line of the policy allows it", async () => {
    const policy = path.join(checkout, "environments", "allowed-changes.txt");
    fs.writeFileSync(policy, `${environment}: Proxy replace # the network is our own\nstored: Nothing destroy\n`);
    const { exitCode, stdout } = await review(environment);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining(`Allowed by the policy: ${environment}: Proxy replace`),
    });
    expect(stdout).toContain('The policy allows what does not happen: "stored: Nothing destroy"');
  });

  it("leaves no plan when it is ended, whoever ends it", async () => {
    const running = execa("npx", ["tsx", "bootstrap/review.ts", environment], {
      cwd: checkout,
      env: { CHECKPOINT_DISABLE: "1", TMPDIR: tmp, ...secrets },
      reject: false,
    });
    await eventually(
      () => expect(temporary().some((name) => fs.readdirSync(path.join(tmp, name)).length >= 0)).toBe(true),
      60000,
      20,
    );
    const [, pid] = /^plan-review-(\d+)-/.exec(temporary()[0]) ?? [];
    expect(fs.statSync(path.join(tmp, temporary()[0])).mode & 0o077).toBe(0);
    process.kill(Number(pid), "SIGTERM");
    expect((await running).exitCode).not.toBe(0);
    await eventually(() => expect(temporary()).toEqual([]), 10000);
  });

  it("compares with a commit without an engine, and says that this is no plan", async () => {
    const { exitCode, stdout } = await npm("review", [environment, "--against", "HEAD"], {
      DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}`,
    });
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 2, stdout: expect.stringContaining("it is no plan") });
    expect(stdout).toContain("http://localhost:2/");
    expect(stdout).toContain("Opened to other machines");
  });

  it("says in one line that an engine does not answer, and goes on with the others", async () => {
    const { exitCode, stdout } = await npm("review", [environment], {
      DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}`,
    });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/ERROR .*the Docker engine of this environment does not answer/);
  });

  it("tells of an environment that runs and that the code has no more", async () => {
    const file = path.join(checkout, "environments", "index.ts");
    const index = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, index.replace(`, "${environment}": mine`, ""));
    const { stdout } = await review("--against", "HEAD");
    expect(stdout).toMatch(new RegExp(`${environment}\\n[\\s\\S]*What it deployed goes on running`));
    fs.writeFileSync(file, index);
    expect((await inspect(`${environment}-proxy`)).State.Running).toBe(true);
  });

  it.each([
    [["nonesuch"], /"nonesuch" is not an environment; known are: /],
    [["--format", "pdf"], /"pdf" is no format; known are: terminal, markdown, json/],
    [["--against", "nonesuch"], /"nonesuch" is no commit, branch or tag here/],
    [["--policy", "nonesuch"], /nonesuch is not there/],
  ])("says what is wrong with %j", async (args, message) => {
    const { exitCode, stderr } = await review(...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

/** What the providers have made: passwords, hashes, keys, by line where they are long. */
function madeSecrets(state: string): string[] {
  const { resources } = JSON.parse(state) as {
    resources: { type: string; instances: { attributes: Record<string, string> }[] }[];
  };
  return resources.flatMap(({ type, instances }) =>
    instances.flatMap(({ attributes }) => {
      switch (type) {
        case "random_password":
          return [attributes.result, attributes.bcrypt_hash];
        case "tls_private_key":
          return attributes.private_key_pem.split("\n").filter((line) => line.length > 24 && !line.startsWith("-----"));
        default:
          return [];
      }
    }),
  );
}

function textsBelow(folder: string): { file: string; text: string }[] {
  return (
    fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      // Providers, and the code as tsx keeps it.
      .filter((file) => !/\/\.terraform\/|\/tsx-\d+\//.test(file))
      .map((file) => ({ file, text: fs.readFileSync(file, "latin1") }))
  );
}
