import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { aptInstall, hasApt, installByHand, isRoot } from "./apt";
import { isInstalled, lastLines, run } from "./command";
import { Docker } from "./docker";
import { ExpectedFailure } from "./failure";
import { remoteFailure } from "./remote-engine";
import { removeStalePidFiles } from "./stale-pid-files";
import type { Progress } from "./step";

const LOG = "/var/log/dockerd.log";
const START_SECONDS = 90;
const GRACE_SECONDS = 10;

/**
 * An engine that answers is used as it is; a machine without one gets Debian's. Nothing that runs is ever stopped, and
 * nothing is installed for an engine that is elsewhere.
 */
export async function ensureEngine(progress: Progress, docker = new Docker()): Promise<string> {
  const engine = await ask(docker);
  if (engine.version !== undefined) {
    return `engine ${engine.version} answers${docker.engine === undefined ? "" : ` at ${docker.engine}`}`;
  }
  await requireHere(docker, engine.reason);
  if (process.platform !== "linux") {
    throw new ExpectedFailure(
      "no Docker engine answers. Start Docker Desktop (or colima, or OrbStack), then try again",
    );
  }
  await install(progress);
  await start(progress);
  const started = await ask(docker);
  if (started.version === undefined) {
    throw new ExpectedFailure(`the Docker engine does not answer: ${started.reason}`);
  }
  return `engine ${started.version} started`;
}

/** For commands that need the engine but would not start one. */
export async function requireEngine(docker: Docker): Promise<void> {
  const engine = await ask(docker);
  if (engine.version === undefined) {
    await requireHere(docker, engine.reason);
    throw new ExpectedFailure(`the Docker engine does not answer: ${engine.reason}. Fix: start it, then try again`);
  }
}

async function ask(docker: Docker): Promise<{ version?: string; reason: string }> {
  const result = await docker.attempt(["version", "--format", "{{.Server.Version}}"], { timeoutSeconds: 20 });
  if (result.exitCode === 0) {
    return { version: result.stdout.trim(), reason: "" };
  }
  if (result.exitCode === 127) {
    return { reason: "the docker command is not installed on this machine (Debian: apt-get install docker-cli)" };
  }
  return { reason: docker.engine === undefined ? lastLines(result.output, 1) : remoteFailure(docker, result) };
}

/** Passes where an engine of this machine is meant, which may be installed and started. */
async function requireHere(docker: Docker, reason: string): Promise<void> {
  if (docker.engine !== undefined) {
    throw new ExpectedFailure(reason);
  }
  const chosen = await chosenElsewhere();
  if (chosen !== undefined) {
    throw new ExpectedFailure(`the Docker engine of ${chosen} does not answer: ${reason}`);
  }
  if (/permission denied/i.test(reason)) {
    throw new ExpectedFailure(`this account may not use the Docker engine. Run this, log in again, then try again:
    sudo usermod --append --groups docker "$(id -un)"`);
  }
}

/** Another engine that the user asked for: starting one here would not be what is meant. */
async function chosenElsewhere(): Promise<string | undefined> {
  if (process.env.DOCKER_HOST) {
    return `DOCKER_HOST=${process.env.DOCKER_HOST}`;
  }
  const { exitCode, stdout } = await new Docker().attempt(["context", "show"], { timeoutSeconds: 20 });
  const context = stdout.trim();
  return exitCode === 0 && context !== "default" ? `the docker context "${context}"` : undefined;
}

async function install(progress: Progress): Promise<void> {
  if (!(await hasApt())) {
    throw new ExpectedFailure(
      "no Docker engine answers: install and start it (https://docs.docker.com/engine/install)",
    );
  }
  const packages = (await isInstalled("dockerd")) ? [] : ["docker.io"];
  if (!existsSync("/usr/sbin/iptables")) {
    packages.push("iptables");
  }
  if (!isRoot()) {
    const steps = packages.length > 0 ? `${installByHand(packages)}\n    ` : "";
    throw new ExpectedFailure(`no Docker engine answers, and root is needed for it. Run this, then try again:
    ${steps}sudo systemctl start docker || sudo setsid dockerd >/tmp/dockerd.log 2>&1 &
    sudo usermod --append --groups docker "$(id -un)"   # then log in again`);
  }
  if (packages.length > 0) {
    progress(`installing ${packages.join(" and ")} by apt-get`);
    await aptInstall(packages, "for the Docker engine");
  }
  // Newer releases ship the command line in a package of its own, which docker.io only recommends.
  if (!(await isInstalled("docker"))) {
    await aptInstall(["docker-cli"], "for the docker command");
  }
}

async function start(progress: Progress): Promise<void> {
  if ((await ask(new Docker())).version !== undefined) {
    return; // installing the package has started it
  }
  if (existsSync("/run/systemd/system")) {
    progress("starting it by systemd");
    await run("systemctl", ["start", "docker"]);
    return;
  }
  for (const file of removeStalePidFiles()) {
    progress(`${file} was left by an engine that is gone: removed`);
  }
  progress(`starting dockerd, its log is ${LOG}`);
  const log = openSync(LOG, "a", 0o640);
  // A session of its own: it must outlive this command and the terminal.
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  daemon.unref();
  for (let left = START_SECONDS; left > 0; left--) {
    if ((await ask(new Docker())).version !== undefined) {
      return;
    }
    // It also ends because another one is just coming up, started by the package's init script.
    if (daemon.exitCode !== null) {
      left = Math.min(left, GRACE_SECONDS);
    }
    await sleep(1000);
  }
  throw new ExpectedFailure(`dockerd did not come up; the last lines of ${LOG}:
${lastLines(readFileSync(LOG, "utf8"))}`);
}
