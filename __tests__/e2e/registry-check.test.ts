import execa from "execa";
import { stringify } from "yaml";
import { configWriterScript, WRITTEN } from "../../lib/docker/config-writer";
import { registryCheck } from "../../lib/registry/config-check";
import { VERSIONS } from "../../testing/stacks/adjusted-registry";
import { issue } from "../unit/tls/x509";

type Keys = { readonly http?: object; readonly [key: string]: unknown };

const SECRET = "not-for-anybodys-eyes";
const FOLDERS = ["/run/registry", "/var/lib/registry", "/users"];
const UNIX = { net: "unix", addr: "/run/registry/registry.sock" };
const REMOTE = "https://registry.example.com";
const TLS = { certificate: "/config/current/tls/registry.crt", key: "/config/current/tls/registry.key" };
const ENDPOINT = { name: "audit", url: "https://audit.example.com/", headers: { Authorization: [SECRET] } };

/** With secrets of every kind, and a receiver whose headers are logged at the start. */
const config = ({ http, ...keys }: Keys): Keys => ({
  version: 0.1,
  storage: { filesystem: { rootdirectory: "/var/lib/registry" } },
  notifications: { endpoints: [{ ...ENDPOINT, timeout: "1s", threshold: 5, backoff: "1s" }] },
  http: { ...UNIX, secret: SECRET, draintimeout: "30s", debug: { addr: "127.0.0.1:5001" }, ...http },
  ...keys,
});

describe.each(Object.entries(VERSIONS))("the check of a configuration by a registry of %s", (_, image) => {
  const redis = image.majorVersion === 3 ? { addrs: ["/run/redis/redis.sock"] } : { addr: "cache:6379" };
  const { certificatePem, privateKeyPem } = issue();
  const pair = { "tls/registry.crt": certificatePem, "tls/registry.key": privateKeyPem };

  /** As the config writer does it: without a network, rights or much memory. */
  const write = async (keys: Keys, files: { readonly [path: string]: string } = {}) => {
    const staged = Object.entries({ "config.yml": stringify(config(keys)), ...files }).map(([path, content]) => {
      const encoded = Buffer.from(content).toString("base64");
      return `mkdir -p "$(dirname /staged/${path})"\necho ${encoded} | base64 -d > /staged/${path}`;
    });
    const writer = configWriterScript({ check: registryCheck(config(keys), FOLDERS), owner: 65532 });
    const limits = ["--network=none", "--cap-drop=ALL", "--cap-add=CHOWN", "--memory=64m", "--memory-swap=64m"];
    const run = ["run", "--rm", "--interactive", ...limits, "--env=OTEL_TRACES_EXPORTER=none", "--entrypoint=sh"];
    const { exitCode, stderr, stdout } = await execa("docker", [...run, image.reference, "-s"], {
      input: ["mkdir /config", ...staged, `(${writer})`, "ended=$?", "ls -A /config/current/", "exit $ended"].join(
        "\n",
      ),
      reject: false,
    });
    const lines = stdout.split("\n").filter(Boolean);
    expect(lines.some((line) => line.startsWith(WRITTEN))).toBe(exitCode === 0);
    return { exitCode, stderr, files: lines.filter((line) => !line.startsWith(WRITTEN)) };
  };

  it.each<[string, Keys]>([
    ["a socket in a volume", {}],
    ["a port", { http: { net: "tcp", addr: ":5000" } }],
    ["users, whose file is in another volume", { auth: { htpasswd: { realm: "r", path: "/users/current/htpasswd" } } }],
    ["a cache that it cannot reach", { storage: { inmemory: {}, cache: { blobdescriptor: "redis" } }, redis }],
    ["an upstream that it cannot reach", { proxy: { remoteurl: REMOTE } }],
    ["an upstream that it would log in to", { proxy: { remoteurl: REMOTE, username: "ci", password: SECRET } }],
    [
      "a bucket that it cannot reach",
      { storage: { s3: { bucket: "b", region: "r", regionendpoint: "http://s3:9000" } } },
    ],
    ["a storage that it would have to ask", { storage: { gcs: { bucket: "b" } } }],
    [
      "metrics",
      { http: { debug: { addr: "registry.registry-debug:5001", prometheus: { enabled: true, path: "/metrics" } } } },
    ],
    ["a log as JSON that says little", { log: { formatter: "json", level: "error" } }],
    [
      "a file in a volume that is not here",
      { http: { net: "tcp", addr: ":1", tls: { certificate: "/users/c", key: "k" } } },
    ],
  ])("accepts %s", async (_what, keys) => {
    expect(await write(keys)).toEqual({ exitCode: 0, stderr: "", files: ["config.yml"] });
  });

  it("finds the files beside config.yml where they will be", async () => {
    const keys = { http: { net: "tcp", addr: ":5000", tls: TLS } };
    expect(await write(keys, pair)).toEqual({ exitCode: 0, stderr: "", files: ["config.yml", "tls"] });
    expect((await write(keys)).stderr).toContain("open tls/registry.crt: no such file");
    const { stderr } = await write(keys, { ...pair, "tls/registry.key": issue().privateKeyPem });
    expect(stderr).toContain("private key does not match public key");
  });

  it.each<[string, Keys, string | RegExp]>([
    ["an unknown word", { log: { level: "loud" } }, "error parsing config.yml: invalid loglevel loud"],
    ["an unknown formatter", { log: { formatter: "loud" } }, 'unsupported logging formatter: \\"loud\\"'],
    ["what is no time", { http: { draintimeout: "soon" } }, /line \d+: cannot unmarshal !!str into time\.Duration/],
    ["a secret in the wrong place", { redis: SECRET }, "cannot unmarshal !!str into"],
    ["an unknown storage", { storage: { filesystem: {}, floppy: {} } }, "exactly one storage type"],
    ["a cache without its address", { storage: { inmemory: {}, cache: { blobdescriptor: "redis" } } }, /redis config/],
    ["a middleware without its options", { middleware: { storage: [{ name: "redirect" }] } }, /baseurl/],
    ["an unknown check of users", { auth: { oracle: { realm: "r" } } }, /oracle/],
    ["an address without its colon", { http: { net: "tcp", addr: "5000" } }, "missing port in address"],
    ["a debug server without a port", { http: { debug: { addr: "nowhere" } } }, "missing port in address"],
    ["a certificate that is not there", { http: { tls: { certificate: "/nope", key: "/nope" } } }, "open /nope"],
  ])("refuses %s in a few words, without secrets", async (_what, keys, words) => {
    const { exitCode, stderr, files } = await write(keys);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr.split("\n").length).toBeLessThanOrEqual(6);
    expect(stderr).not.toMatch(/goroutine|Usage|level=info/);
    expect(stderr).not.toContain(SECRET.slice(0, 5));
    expect(files).toEqual([]);
  });
});
