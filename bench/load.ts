import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import type { Contender } from "./contender";

export const REPOSITORY = "bench/blob";
/** What every contender is given, for the measures that only read. */
export const PREPARED = "image-0";
export const ACCEPT = { Accept: "application/vnd.oci.image.manifest.v1+json" };

export const blobPath = (digest: string): string => `/v2/${REPOSITORY}/blobs/${digest}`;

function headerArguments(headers: Record<string, string>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
}

/** curl, which costs little: it reads what it sends from the page cache and drops what it gets. */
async function curl(contender: Contender, args: string[]): Promise<string> {
  const { stdout } = await execa("curl", [
    "-skS",
    "--fail",
    "--http1.1",
    ...headerArguments(contender.headers),
    ...args,
  ]);
  return stdout;
}

/** The headers of a client that has asked for a token, which lasts five minutes. */
export async function fetchToken(
  url: string,
  login: Record<string, string>,
  repositories: string[],
): Promise<Record<string, string>> {
  const scopes = repositories.map((repository) => `repository:${repository}:pull`).join("%20");
  const target = `${url}/token?service=bench&scope=${scopes}`;
  const { stdout } = await execa("curl", ["-skS", "--fail", ...headerArguments(login), target]);
  return { Authorization: `Bearer ${JSON.parse(stdout).token}` };
}

export async function answers(contender: Contender): Promise<boolean> {
  const { exitCode } = await execa(
    "curl",
    ["-skf", "-o", "/dev/null", "--max-time", "5", ...headerArguments(contender.headers), `${contender.url}/v2/`],
    { reject: false },
  );
  return exitCode === 0;
}

/** One upload in one piece, as docker and podman send a layer. */
export async function pushBlob(contender: Contender, file: string, digest: string): Promise<void> {
  const start = `${contender.url}/v2/${REPOSITORY}/blobs/uploads/`;
  const answer = await curl(contender, ["-X", "POST", "-H", "Content-Length: 0", "-D", "-", "-o", "/dev/null", start]);
  const location = /^location: *(\S+)/im.exec(answer)?.[1];
  if (location === undefined) {
    throw new Error(`${contender.name} starts no upload:\n${answer}`);
  }
  const target = `${new URL(location, contender.url)}${location.includes("?") ? "&" : "?"}digest=${digest}`;
  await curl(contender, [
    "-T",
    file,
    "-H",
    "Content-Type: application/octet-stream",
    "-H",
    "Expect:",
    "-o",
    "/dev/null",
    target,
  ]);
}

export async function pullBlob(contender: Contender, digest: string, size: number): Promise<void> {
  const format = ["-w", "%{size_download}", "-o", "/dev/null"];
  const got = await curl(contender, [...format, `${contender.url}/v2/${REPOSITORY}/blobs/${digest}`]);
  if (Number(got) !== size) {
    throw new Error(`${contender.name} sent ${got} bytes of ${size}`);
  }
}

/** As many clients as `count`, each with a connection of its own; two processes, so that one core is no limit. */
export async function pullInParallel(contender: Contender, digest: string, size: number, count: number): Promise<void> {
  const url = `${contender.url}/v2/${REPOSITORY}/blobs/${digest}`;
  const half = count / 2;
  const clients = ["-Z", "--parallel-immediate", "--parallel-max", `${half}`];
  const targets = Array.from({ length: half }, () => ["-o", "/dev/null", url]).flat();
  const outputs = await Promise.all(
    [0, 1].map(() => curl(contender, [...clients, "-w", "%{http_code} %{size_download}\\n", ...targets])),
  );
  const whole = outputs
    .join("\n")
    .split("\n")
    .filter((line) => line === `200 ${size}`);
  if (whole.length !== count) {
    throw new Error(`${contender.name}: ${whole.length} of ${count} parallel pulls were whole`);
  }
}

/** Requests a second of one URL over connections that are kept open. */
export async function requestRate(
  contender: Contender,
  target: string,
  connections: number,
  seconds: number,
): Promise<number> {
  const { stdout } = await execa("wrk", [
    ...[
      "-t1",
      `-c${connections}`,
      `-d${seconds}s`,
      "--timeout",
      "10s",
      ...headerArguments({ ...contender.headers, ...ACCEPT }),
    ],
    `${contender.url}${target}`,
  ]);
  const [, refused] = /Non-2xx or 3xx responses: (\d+)/.exec(stdout) ?? [];
  const [, requests] = /(\d+) requests in/.exec(stdout) ?? [];
  if (refused !== undefined || requests === "0") {
    throw new Error(`${contender.name} refuses requests:\n${stdout}`);
  }
  return Number(/Requests\/sec: +([\d.]+)/.exec(stdout)?.[1]);
}

/** Full TLS handshakes a second: a new connection and no known session each time. */
export async function handshakeRate(contender: Contender, seconds: number): Promise<number> {
  const { host } = new URL(contender.url);
  const { stdout } = await execa("openssl", ["s_time", "-connect", host, "-new", "-time", `${seconds}`]);
  const [, connections, elapsed] = /(\d+) connections in (\d+) real seconds/.exec(stdout) ?? [];
  return Number(connections) / Number(elapsed);
}

/** crane, a client that checks each digest; it moves four layers at a time. `IMAGE` stands for the image's name. */
export async function crane(
  contender: Contender,
  directory: string,
  repository: string,
  args: string[],
): Promise<void> {
  const { host } = new URL(contender.url);
  const name = `${host}/bench/${repository}:1`;
  const auth = contender.headers.Authorization?.replace("Basic ", "");
  const auths = auth ? { [host]: { auth } } : {};
  fs.writeFileSync(path.join(directory, "config.json"), JSON.stringify({ auths }), { mode: 0o600 });
  await execa("crane", ["--insecure", ...args.map((arg) => (arg === "IMAGE" ? name : arg))], {
    env: { DOCKER_CONFIG: directory },
  });
}
