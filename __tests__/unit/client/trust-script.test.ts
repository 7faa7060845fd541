import fs from "node:fs";
import path from "node:path";
import { renderNextSteps } from "../../../lib/client/trust-script";
import { ca, http, https, Machine } from "./client-machine";

let machine: Machine;

afterEach(() => machine.remove());

describe("for a registry with an own CA", () => {
  beforeEach(() => {
    machine = new Machine(https);
  });

  test("installs the CA where Docker looks for it and says what to do then", async () => {
    const { exitCode, stdout } = await machine.install();
    expect(exitCode).toBe(0);
    expect(machine.read("etc/docker/certs.d/registry.example.com:5444/ca.crt")).toBe(ca);
    expect(stdout).toContain("docker login registry.example.com:5444");
  });

  test("changes nothing the second time", async () => {
    await machine.install("--mirror");
    const once = machine.files();
    const { stdout } = await machine.install("--mirror");
    expect(machine.files()).toEqual(once);
    expect(stdout.match(/^unchanged/gm)).toHaveLength(2);
  });

  test("changes nothing in a dry run, and says what it would change", async () => {
    const before = machine.files();
    const { stdout } = await machine.install("--mirror", "--dry-run");
    expect(machine.files()).toEqual(before);
    expect(stdout.match(/^would write/gm)).toHaveLength(2);
  });

  test("takes back what it made, folders too", async () => {
    machine.write("etc/hostname", "client\n");
    const before = machine.files();
    await machine.install("--mirror");
    await machine.install("--undo");
    expect(machine.files()).toEqual({ ...before, state: "(folder)" });
  });

  test("brings back the CA that was there before, also after a renewal", async () => {
    machine.write("etc/docker/certs.d/registry.example.com:5444/ca.crt", "of before\n");
    await machine.install();
    machine.write("trust/ca.crt", `${ca}renewed\n`);
    await machine.install();
    expect(machine.read("etc/docker/certs.d/registry.example.com:5444/ca.crt")).toContain("renewed");
    await machine.install("--undo");
    expect(machine.read("etc/docker/certs.d/registry.example.com:5444/ca.crt")).toBe("of before\n");
  });

  test("leaves alone what somebody changed since, and says so", async () => {
    await machine.install();
    machine.write("etc/docker/certs.d/registry.example.com:5444/ca.crt", "of somebody else\n");
    const { exitCode, stdout } = await machine.install("--undo");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/left alone .*changed since/);
    expect(machine.read("etc/docker/certs.d/registry.example.com:5444/ca.crt")).toBe("of somebody else\n");
  });

  test("fails when the CA was not copied along", async () => {
    fs.rmSync(path.join(machine.folder, "trust/ca.crt"));
    const { exitCode, stderr } = await machine.install();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("copy the whole folder");
  });

  test("fails on an option that it does not know, and lists those that it does", async () => {
    const { exitCode, stderr } = await machine.install("--dryrun");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/--dry-run[\s\S]*unknown option --dryrun/);
  });

  test("trusts and distrusts it in the keychain of macOS", async () => {
    machine.command("uname", "echo Darwin");
    const keychain = path.join(machine.folder, "keychain");
    machine.command(
      "security",
      `echo "$@" >>${machine.folder}/bin/calls
case $1 in
  find-certificate) cat ${keychain} ;;
  add-trusted-cert) openssl x509 -noout -fingerprint -sha1 -in "$7" | sed 's/.*=/SHA-1 hash: /; s/://g' >>${keychain} ;;
  delete-certificate) sed -i "/$3/d" ${keychain} ;;
esac`,
    );
    machine.write("keychain", "");
    await machine.install("--system");
    const once = machine.files();
    expect(once.keychain).toMatch(/^SHA-1 hash [0-9A-F]{40}\n$/);
    await machine.install("--system");
    expect(machine.files()).toEqual(once);
    const { exitCode } = await machine.install("--undo");
    expect(exitCode).toBe(0);
    expect(machine.read("keychain")).toBe("");
    expect(machine.read("bin/calls")).toContain("remove-trusted-cert -d");
  });
});

describe("Docker's daemon.json", () => {
  beforeEach(() => {
    machine = new Machine(http);
  });

  const daemonJson = () => JSON.parse(machine.read("etc/docker/daemon.json"));

  test("is made where there is none, and removed again", async () => {
    await machine.install();
    expect(daemonJson()).toEqual({ "insecure-registries": ["registry.example.com:5080"] });
    await machine.install("--undo");
    expect(Object.keys(machine.files())).not.toContain("etc/docker/daemon.json");
  });

  test("is left alone where neither jq nor python3 works, and what to add is printed", async () => {
    machine.command("jq", "exit 1");
    machine.command("python3", "exit 1");
    machine.write("etc/docker/daemon.json", "{}");
    const { exitCode, stdout } = await machine.install();
    expect(exitCode).toBe(1);
    expect(machine.read("etc/docker/daemon.json")).toBe("{}");
    expect(stdout).toContain('"insecure-registries": [');
  });

  test("is left alone when it is not valid JSON", async () => {
    machine.write("etc/docker/daemon.json", "{ broken");
    const { exitCode } = await machine.install();
    expect(exitCode).toBe(1);
    expect(machine.read("etc/docker/daemon.json")).toBe("{ broken");
  });

  test("has no CA to trust", async () => {
    const { exitCode, stderr } = await machine.install("--system");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("there is no CA to trust");
  });
});

describe("the next steps", () => {
  beforeEach(() => {
    machine = new Machine(https);
  });

  test("list every option of the script", async () => {
    const { stdout } = await machine.install("--help");
    for (const option of ["--system", "--mirror", "--hosts ADDRESS", "--dry-run", "--undo"]) {
      expect(stdout).toContain(option);
      expect(renderNextSteps(https)).toContain(`sudo sh install.sh ${option}`);
    }
  });

  test("offer no name for /etc/hosts where clients use an address", () => {
    expect(renderNextSteps({ ...https, hostName: undefined })).not.toContain("--hosts");
  });
});
