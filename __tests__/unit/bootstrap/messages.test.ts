import { sourceLines } from "../../../bootstrap/apt";
import { synthFailure } from "../../../bootstrap/deploy";
import { choose } from "../../../bootstrap/environment";
import { instructions } from "../../../bootstrap/start";
import { elapsed } from "../../../bootstrap/step";
import { terraformFailure } from "../../../bootstrap/terraform";

describe("the environment of npm start and npm stop", () => {
  test("is local unless one is named", () => {
    expect(choose([], ["local", "http"])).toBe("local");
    expect(choose(["http"], ["local", "http"])).toBe("http");
  });

  test("fails with the known ones when the name is unknown", () => {
    expect(() => choose(["htpp"], ["local", "http"])).toThrow('"htpp" is not an environment; known are: local, http');
  });

  test("fails when more than one is named", () => {
    expect(() => choose(["http", "local"], ["local", "http"])).toThrow('"http local" is not an environment');
  });
});

describe("a failed synth", () => {
  test("tells what was thrown and not where", () => {
    const output = `/somewhere/lib/errors.ts:17
  return new Error(
         ^

Error: PublicEndpoint.http: port is 70000, expected a whole number from 1 to 65535. Fix: write a number.
    at invalidInput (/somewhere/lib/errors.ts:17:10)
    at Object.<anonymous> (/somewhere/environments/local.ts:8:28)

Node.js v20.20.2`;
    expect(synthFailure(output).message).toBe(
      "PublicEndpoint.http: port is 70000, expected a whole number from 1 to 65535. Fix: write a number.",
    );
  });

  test("keeps every line of cdktf's list of validation errors", () => {
    const output =
      "Error: Validation failed with the following errors:\n  [a/b] one\n  [a/c] two\n    at App.synth (x.ts:1:2)";
    expect(synthFailure(output).message).toBe("Validation failed with the following errors:\n  [a/b] one\n  [a/c] two");
  });

  test("shows all of an output that has no error in it", () => {
    expect(synthFailure("sh: 1: node: not found\n").message).toBe("sh: 1: node: not found");
  });
});

describe("a failure of Terraform", () => {
  test("is one line when the engine does not answer", () => {
    const output =
      "╷\n│ Error: Error pinging Docker server, please make sure that ssh://a is reachable and has a  '_ping' endpoint. Error: error during connect: command [ssh -- a docker system dial-stdio] has exited with exit status 255: stderr=Host key verification failed.\n│ \n│   with provider\n╵";
    expect(terraformFailure("plan", output).message).toBe(
      "the Docker engine of this environment does not answer: Host key verification failed. Fix: start it, or open the way to it, then try again",
    );
  });

  test("is what a precondition says, once", () => {
    const block = (name: string) => `╷
│ Error: Resource precondition failed
│
│   on cdk.tf.json line 196, in resource.docker_container.${name}.lifecycle.precondition[0]:
│  196:   "condition": "..."
│     ├────────────────
│     │ docker_volume.${name}.id is "x"
│
│ The upstream "local" is not deployed
│ here. Fix: npm start -- local.
╵
`;
    expect(terraformFailure("apply", block("A") + block("B")).message).toBe(
      'The upstream "local" is not deployed here. Fix: npm start -- local.',
    );
  });

  test("says that the state is locked, also where its holder's note is gone already", () => {
    const output =
      "╷\n│ Error: Error acquiring the state lock\n│\n│ Error message: resource temporarily unavailable\n╵";
    expect(terraformFailure("apply", output).message).toMatch(/^the state is locked by another deploy. Fix: wait/);
  });

  test("names who holds the state's lock, and how to take it from one that was killed", () => {
    const output = `╷
│ Error: Error acquiring the state lock
│
│ Error message: PreconditionFailed
│ Lock Info:
│   ID:        1b2c
│   Path:      states/x
│   Operation: OperationTypeApply
│   Who:       ci@runner
│   Version:   1.11.4
│   Created:   2026-11-24 10:00:00 +0000 UTC
╵`;
    expect(terraformFailure("plan", output, `${process.cwd()}/cdktf.out/stacks/x`).message).toBe(
      "the state is locked: OperationTypeApply by ci@runner since 2026-11-24 10:00:00 +0000 UTC. Fix: wait until that has ended; if it was killed: terraform -chdir=cdktf.out/stacks/x force-unlock 1b2c",
    );
  });

  test("names the protected resource and the way to let it go", () => {
    const output = `╷
│ Error: Instance cannot be destroyed
│
│   on cdk.tf.json line 300, in resource.docker_volume.Registry_Data_1:
│  300:       }
│
│ Resource docker_volume.Registry_Data_1 has lifecycle.prevent_destroy set
╵`;
    expect(terraformFailure("destroy", output).message).toMatch(/^docker_volume.Registry_Data_1 .*protectData/);
  });

  test("keeps the error's own words without its frame otherwise", () => {
    const output = "some progress\n╷\n│ Error: port is taken\n│ \n│   with docker_container.proxy\n╵\n";
    expect(terraformFailure("apply", output).message).toBe(
      "terraform apply failed: port is taken\n\n  with docker_container.proxy",
    );
  });
});

describe("the mirrors for home-made images", () => {
  const target = (suite: string, component = "main", origin = "Debian", uri = "http://mirror.example/debian/") =>
    `${uri} ${suite} codename ${component} ${origin}`;

  test("are this machine's own, for the release and its updates", () => {
    const targets = [
      target("bookworm"),
      target("bookworm-updates"),
      target("bookworm-security", "main", "Debian", "http://mirror.example/security/"),
    ].join("\n");
    expect(sourceLines(targets, "trixie")).toEqual([
      "deb http://mirror.example/debian/ trixie main",
      "deb http://mirror.example/debian/ trixie-updates main",
      "deb http://mirror.example/security/ trixie-security main",
    ]);
  });

  test("leave out backports, other components and other origins", () => {
    const targets = [
      target("bookworm-backports"),
      target("bookworm", "non-free"),
      target("jammy", "main", "Ubuntu"),
    ].join("\n");
    expect(sourceLines(targets, "trixie")).toEqual([]);
  });
});

describe("what npm start tells to type", () => {
  const outputs = { registry_url: "https://localhost:5443", registry_host: "localhost:5443" };

  test("is docker's tag, push and pull of an image that is there", () => {
    const text = instructions("local", outputs, "cdktf-docker-registry/nginx:1.26");
    expect(text).toContain("docker tag cdktf-docker-registry/nginx:1.26 localhost:5443/nginx:1.26");
    expect(text).toContain("docker push localhost:5443/nginx:1.26");
    expect(text).toContain("docker pull localhost:5443/nginx:1.26");
    expect(text).not.toContain("Log in");
  });

  test("is only a pull for a mirror, which takes no pushes", () => {
    const text = instructions("mirror", outputs, "cdktf-docker-registry/nginx:1.26", true);
    expect(text).toContain("image that its upstream has, such as:\n  docker pull localhost:5443/nginx:1.26");
    expect(text).not.toMatch(/docker (push|tag)/);
  });

  test.each([
    ["https://localhost:5443", "Trust its certificate"],
    ["http://registry.example.com:5000", "Accept plain HTTP"],
  ])("include what clients of %s need first", (registry_url, words) => {
    const text = instructions(
      "x",
      { ...outputs, registry_url, client_trust_directory: "client-trust/x" },
      "nginx:stable",
    );
    expect(text).toContain(`${words} (once on each client):\n  sudo sh client-trust/x/install.sh`);
  });

  test("leave out trust where Docker asks for none: plain HTTP on the machine itself", () => {
    const http = { registry_url: "http://127.0.0.1:5080", client_trust_directory: "client-trust/http" };
    expect(instructions("http", { ...outputs, ...http }, "nginx:stable")).not.toContain("install.sh");
  });

  test("pipes a password, and never shows it", () => {
    const text = instructions("local", { ...outputs, users: { alice: "s3cret" } }, "nginx:stable");
    expect(text).toContain(
      "npm run --silent password -- local alice | docker login --username alice --password-stdin localhost:5443",
    );
    expect(text).not.toContain("s3cret");
  });
});

test("durations read as people say them", () => {
  expect(elapsed(0, 340)).toBe("0.3 s");
  expect(elapsed(0, 201_000)).toBe("3 min 21 s");
});
