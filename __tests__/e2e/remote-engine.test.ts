import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, TestImage } from "../../testing/clients/images";
import { addEnvironments, copyCheckout } from "../../testing/machine/checkout";
import { engineCertificates } from "../../testing/machine/engine-certificates";
import { objectsOf } from "../../testing/machine/engine-objects";
import { PrivateEngine } from "../../testing/machine/private-engine";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { SshServer } from "../../testing/machine/ssh-server";

// In the engine's own network namespace all ports are free.
const SSH = 22;
const TLS = 2376;
const NOBODY = 9;
const REGISTRY = 5000;

/** As a machine elsewhere: this one has its own engine, which must not be asked, and nothing of the registry. */
describe("an environment on another engine", () => {
  const run = runName("remote");
  const checkout = scratchDirectory(run);
  const certificates = path.join(checkout, "certs");
  const ssh = `ssh://root@127.0.0.1:${SSH}`;
  let engine: PrivateEngine;
  let server: SshServer;
  let crane: Crane;
  let image: TestImage;

  const npm = (command: string, name: string, env: Record<string, string> = {}) => {
    const [program, ...args] = [...engine.inside, "npm", command, "--", `${run}-${name}`];
    return execa(program, args, {
      cwd: checkout,
      env: { CHECKPOINT_DISABLE: "1", ...env },
      all: true,
      reject: false,
    });
  };
  const succeeds = async (command: string, name: string, env: Record<string, string> = {}) => {
    const { exitCode, all = "" } = await npm(command, name, env);
    if (exitCode !== 0) {
      throw new Error(`npm ${command} of ${name} ended with ${exitCode}:\n${all}`);
    }
    return all;
  };
  const objects = (host?: string) => objectsOf((name) => name.startsWith(run), host);

  beforeAll(async () => {
    await copyCheckout(checkout);
    await engineCertificates(certificates);
    await engineCertificates(path.join(checkout, "strangers-certs"));
    engine = await PrivateEngine.start(path.join(checkout, "engine"), { tls: { port: TLS, certificates } });
    server = await SshServer.start(path.join(checkout, "ssh"), {
      port: SSH,
      inside: engine.inside,
      env: { DOCKER_HOST: engine.host },
    });
    const unknown = path.join(checkout, "ssh", "nobody-is-known");
    fs.writeFileSync(unknown, "");
    const wrongKey = server.clientOptions({ key: await server.strangersKey() });
    const engines: Record<string, Record<string, unknown>> = {
      bySsh: { engine: ssh, engineSshOptions: server.clientOptions() },
      byTls: { engine: `tcp://127.0.0.1:${TLS}`, engineCertPath: "certs" },
      wrongKey: { engine: ssh, engineSshOptions: wrongKey },
      unknownHost: { engine: ssh, engineSshOptions: server.clientOptions({ knownHosts: unknown }) },
      away: { engine: `tcp://127.0.0.1:${NOBODY}`, engineCertPath: "certs" },
      stranger: { engine: `tcp://127.0.0.1:${TLS}`, engineCertPath: "strangers-certs" },
      withoutTls: { engine: `tcp://127.0.0.1:${TLS}` },
    };
    const names = Object.keys(engines);
    addEnvironments(checkout, Object.fromEntries(names.map((name) => [name, `${run}-${name}`])), [
      'import { PublicEndpoint } from "../lib";',
      'import { HttpRegistryStack } from "../stacks";',
      'import { environment } from "./environment";',
      'import { images } from "./images";',
      ...names.flatMap((name, i) => [
        `export const ${name} = environment(HttpRegistryStack, {`,
        `  endpoint: PublicEndpoint.http({ host: "localhost", port: ${REGISTRY + i} }),`,
        "  images,",
        "  protectData: false,",
        `  ...${JSON.stringify(engines[name])},`,
        "});",
      ]),
    ]);
    crane = new Crane(checkout, { inside: () => engine.inside });
    image = await TestImage.create(path.join(checkout, "image"), { layers: [100000, 200000] });
  });
  afterAll(async () => {
    server?.stop();
    await engine?.stop();
    removeDirectory(checkout);
  });

  it.each([
    ["wrongKey", /does not answer: .*Permission denied \(publickey\). Fix: give that account your public key/],
    [
      "unknownHost",
      /does not answer: Host key verification failed. Fix: connect once by hand .*: ssh -p 22 root@127\.0\.0\.1 true$/,
    ],
    [
      "away",
      /does not answer: Cannot connect to the Docker daemon at tcp:.* Fix: start it there, or open the way to it; then this must answer: docker --host/,
    ],
    ["stranger", /does not answer: .*unknown authority.* Fix: ca\.pem in engineCertPath must be of the CA/],
    ["withoutTls", /does not answer: .*HTTP request to an HTTPS server.* Fix: it wants TLS: set engineCertPath/],
  ])("says in one line why its engine does not answer, and what helps: %s", async (name, words) => {
    const { exitCode, stderr } = await npm("start", name);
    const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("npm "));
    expect({ exitCode, lines }).toEqual({ exitCode: 1, lines: [expect.stringMatching(words)] });
  });

  // What a shell says of another engine must not count.
  it.each([
    ["bySsh", REGISTRY, { DOCKER_CERT_PATH: "/nowhere" }],
    ["byTls", REGISTRY + 1, { DOCKER_HOST: `tcp://127.0.0.1:${NOBODY}` }],
  ])("is deployed, used and removed there, and not here: %s", async (name, port, env) => {
    const where = `localhost:${port}/team/app:1`;
    expect(await succeeds("start", name)).toContain(`http://localhost:${port}`);
    await crane.push(image.directory, where);
    await crane.pull(where, path.join(checkout, name));
    const pulled = await digestsBelow(path.join(checkout, name));
    expect([...pulled]).toEqual(expect.arrayContaining(image.blobs.map(({ digest }) => digest)));
    expect(await objects()).toEqual([]);
    expect(await objects(engine.host)).not.toEqual([]);
    expect(await succeeds("start", name, { DOCKER_CONTEXT: "elsewhere", ...env })).toContain("no changes");
    await succeeds("stop", name, env);
    expect(await objects(engine.host)).toEqual([]);
  });
});
