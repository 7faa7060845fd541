import fs from "node:fs";
import path from "node:path";
import { Password } from "@cdktf/provider-random/lib/password";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { App, HttpBackend, PgBackend, S3Backend, TerraformStack } from "cdktf";
import execa from "execa";
import { addEnvironments, copyCheckout } from "../../testing/machine/checkout";
import { objectsOf, removeObjects } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { HttpStates, PostgresStates, S3States } from "../../testing/servers/state-servers";

const run = runName("states");
const terraform = process.env.TERRAFORM_BINARY_NAME ?? "terraform";
let directory: string;
let s3: S3States;
let states: HttpStates;
let postgres: PostgresStates;

const env = () => ({ ...s3.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" });
const s3Props = () => ({
  bucket: S3States.BUCKET,
  region: "us-east-1",
  endpoints: { s3: s3.endpoint },
  usePathStyle: true,
  skipCredentialsValidation: true,
  skipRequestingAccountId: true,
  skipMetadataApiCheck: true,
});

beforeAll(async () => {
  directory = scratchDirectory(run);
  // For the user that PostgreSQL runs as.
  fs.chmodSync(directory, 0o711);
  fs.chmodSync(path.dirname(directory), 0o711);
  s3 = await S3States.start(path.join(directory, "s3"));
  states = await HttpStates.start();
  postgres = await PostgresStates.start(path.join(directory, "postgres"));
});
afterAll(async () => {
  await removeObjects(await objectsOf((name) => name.startsWith(run)));
  await Promise.all([s3?.stop(), states?.stop(), postgres?.stop()]);
  removeDirectory(directory);
});

/** A backend as an environment's `state` makes it, and what it keeps of the state of one stack. */
const BACKENDS: Record<string, { use: (stack: TerraformStack) => void; kept: () => Promise<string> }> = {
  "S3, told to lock": {
    use: (stack) => {
      new S3Backend(stack, { ...s3Props(), key: "small" });
      stack.addOverride("terraform.backend.s3.use_lockfile", true);
    },
    kept: async () => fs.readFileSync(path.join(directory, "s3", S3States.BUCKET, "small"), "utf8"),
  },
  PostgreSQL: {
    use: (stack) => new PgBackend(stack, { connStr: postgres.connection }),
    kept: () => postgres.query("select data from terraform_remote_state.states"),
  },
  HTTP: {
    use: (stack) => {
      const address = states.address("small");
      new HttpBackend(stack, { address, lockAddress: address, unlockAddress: address });
    },
    kept: async () => states.byPath.get("/small")?.toString() ?? "",
  },
};

describe.each(Object.entries(BACKENDS))("a state in %s", (name, { use, kept }) => {
  let folder: string;
  const attempt = (...args: string[]) => execa(terraform, args, { cwd: folder, env: env(), reject: false, all: true });

  beforeAll(async () => {
    const app = new App({ outdir: path.join(directory, name.replace(/\W+/g, "-")) });
    const stack = new TerraformStack(app, "small");
    new RandomProvider(stack, "Random");
    new Password(stack, "Password", { length: 16 });
    stack.addOverride("terraform.required_providers.random.version", ">= 3.7.2, < 4.0.0");
    use(stack);
    app.synth();
    folder = path.join(app.outdir, "stacks", "small");
    await execa(terraform, ["init", "-input=false"], { cwd: folder, env: env() });
  });

  it("is locked while somebody deploys, for a second writer on any machine", async () => {
    const first = execa(terraform, ["apply", "-no-color"], { cwd: folder, env: env(), stdin: "pipe", all: true });
    let words = "";
    first.all?.on("data", (data: Buffer) => {
      words += data;
    });
    await eventually(() => expect(words).toContain("Enter a value"), 60000);
    const second = await attempt("apply", "-no-color", "-auto-approve", "-input=false");
    expect(second).toMatchObject({ exitCode: 1, all: expect.stringContaining("Error acquiring the state lock") });
    first.stdin?.end("yes\n");
    await first;
  });

  it("is kept there and not here, and is let go of afterwards", async () => {
    expect(await kept()).toContain("random_password");
    expect(fs.readdirSync(folder).filter((file) => file.endsWith(".tfstate"))).toEqual([]);
    expect(await attempt("plan", "-no-color", "-detailed-exitcode")).toMatchObject({ exitCode: 0 });
  });
});

describe("environments whose state is elsewhere", () => {
  const shop = `${run}-shop`;
  const copy = `${run}-copy`;
  let checkout: string;

  const attempt = (...args: string[]) => execa("npm", args, { cwd: checkout, env: env(), reject: false, all: true });
  const npm = async (...args: string[]) => {
    const { exitCode, stdout, all } = await attempt(...args);
    // Shows what it said, too.
    expect({ exitCode, all }).toEqual({ exitCode: 0, all });
    return stdout;
  };

  beforeAll(async () => {
    checkout = path.join(directory, "checkout");
    fs.mkdirSync(checkout);
    await copyCheckout(checkout);
    const [port, copyPort] = await freePorts(2);
    const address = JSON.stringify(states.address("copy"));
    addEnvironments(checkout, { shop, copy }, [
      'import { DataTerraformRemoteStateS3, HttpBackend, S3Backend } from "cdktf";',
      'import { GarbageCollection, HtpasswdUser, PublicEndpoint } from "../lib";',
      'import { AuthenticatedRegistryStack, MirrorRegistryStack } from "../stacks";',
      'import { deployedUpstream } from "./deployed-upstream";',
      'import { environment } from "./environment";',
      'import { images } from "./images";',
      `const s3 = ${JSON.stringify({ ...s3Props(), key: "shop" })};`,
      "export const shop = environment(AuthenticatedRegistryStack, {",
      `  endpoint: PublicEndpoint.https({ host: "localhost", port: ${port} }),`,
      `  alternativeNames: ["${shop}-proxy"],`,
      '  users: [HtpasswdUser.generated("reader")],',
      "  registry: { maintenance: GarbageCollection.of() },",
      "  images,",
      "  protectData: false,",
      "  state: (stack) => {",
      "    new S3Backend(stack, s3);",
      '    stack.addOverride("terraform.backend.s3.use_lockfile", true);',
      "  },",
      "});",
      "export const copy = environment(MirrorRegistryStack, {",
      `  endpoint: PublicEndpoint.https({ host: "localhost", port: ${copyPort} }),`,
      `  upstream: deployedUpstream("${shop}", "reader", (stack) => new DataTerraformRemoteStateS3(stack, "Upstream", s3)),`,
      "  images,",
      "  protectData: false,",
      `  state: (stack) => new HttpBackend(stack, { address: ${address}, lockAddress: ${address}, unlockAddress: ${address} }),`,
      "});",
    ]);
  });

  it("are deployed, a mirror with what the state of its upstream says", async () => {
    await npm("start", "--", shop);
    await npm("start", "--", copy);
    expect(s3.objects()).toContain("shop");
    expect(states.byPath.get("/copy")?.toString()).toContain("docker_container");
    expect(fs.readdirSync(path.join(checkout, "state"))).toEqual([]);
  });

  it("are known to npm run password, review and maintain", async () => {
    expect((await npm("run", "--silent", "password", "--", shop, "reader")).trim()).toMatch(/^\S{20,}$/);
    expect(await npm("run", "--silent", "review", "--", shop, copy)).toContain("unchanged");
    expect(await npm("run", "--silent", "maintain", "--", shop, "status")).not.toBe("");
  });

  it("are removed without a trace, and have no lock left", async () => {
    await npm("stop", "--", copy);
    await npm("stop", "--", shop);
    expect(await objectsOf((name) => name.startsWith(run))).toEqual([]);
    expect(s3.objects().filter((name) => name.endsWith(".tflock"))).toEqual([]);
  });
});
