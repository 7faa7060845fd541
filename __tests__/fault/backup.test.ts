import fs from "node:fs";
import path from "node:path";
import type { TerraformStack } from "cdktf";
import execa from "execa";
import { restoreArguments } from "../../bootstrap/backup";
import { Docker } from "../../bootstrap/docker";
import { images } from "../../environments/images";
import { BackupTarget, ContainerImage, type FilesystemStorageProps } from "../../lib";
import { request } from "../../testing/clients/http";
import { blobFile } from "../../testing/clients/images";
import { ANY, Pusher, sha256 } from "../../testing/clients/pusher";
import { Redis } from "../../testing/clients/redis-cli";
import { Deployment } from "../../testing/machine/deployment";
import { inspect } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { SshServer } from "../../testing/machine/ssh-server";
import { maintain } from "../../testing/rounds/collectors";
import { openEntrance, runRounds } from "../../testing/rounds/rounds";
import { S3 } from "../../testing/servers/s3";
import { backedUpRegistry } from "../../testing/stacks/backed-up-registry";
import { secretVariable } from "../../testing/stacks/secret-variable";
import { buildStandIns, standIn } from "../../testing/stand-in-images/build";

const SCRIPT = "/config/current/bin/backup";
const LINKS = "/backup/links/docker/registry/v2/repositories";

describe("the backup of a registry", () => {
  let port: number;
  let otherPort: number;
  let deployment: Deployment;
  let outside: string;
  let s3: S3;
  const folders: string[] = [];
  let ssh: SshServer;
  let stack: (data?: FilesystemStorageProps, isAlone?: boolean) => ReturnType<typeof backedUpRegistry>;
  let registry: string;
  let container: string;
  let pusher: Pusher;
  /** Pushed before each backup and touched by nobody since: tag and digest. */
  const kept = new Map<string, string>();

  const docker = async (...args: string[]) => {
    const { exitCode, all } = await execa("docker", args, { all: true, reject: false });
    return { exitCode, output: all ?? "" };
  };
  const of = (target: string) => `${deployment.id}-${target}-backup`;
  const backup = (...args: string[]) => docker("exec", container, SCRIPT, ...args);
  const inside = (script: string) => execa("docker", ["exec", container, "sh", "-c", script]);
  const inRegistry = (script: string) => execa("docker", ["exec", registry, "sh", "-c", script]);
  const volume = (name: string) => `${deployment.id}-${name}`;
  const restore = async (name: string, id?: string, from = container) =>
    docker(...(await restoreArguments(new Docker(), from, ["restore", ...(id ? [id] : [])], volume(name))));
  const layer = (text: string) => Buffer.from(text.repeat(50));
  const flip = async (where: string[], file: string, at: number) => {
    const change = `chmod u+w "$0"; byte=$(od -An -tu1 -j${at} -N1 "$0"); printf "\\\\$(printf %o $((byte ^ 1)))" | dd of="$0" bs=1 seek=${at} conv=notrunc 2>/dev/null`;
    await execa("docker", [...where, "sh", "-c", change, file]);
  };
  /** Stops the run at work once it has copied this link: before it does what comes next. */
  const stopWhen = (link: string) =>
    inside(`until [ -e ${LINKS}/${link} ]; do :; done; kill -STOP $(cat /tmp/running/pid)`);
  const goOn = () => inside("kill -CONT $(cat /tmp/running/pid)");
  const redis = () => new Redis(`${deployment.id}-cache`);
  /** Of everything that a registry says it has. */
  const allFaults = async (at: number) => {
    const json = async (path: string) => JSON.parse((await request(`http://localhost:${at}/v2/${path}`)).text);
    const there = new Pusher(`http://localhost:${at}/v2`);
    const faults: string[] = [];
    let seen = 0;
    for (const repository of (await json("_catalog?n=1000")).repositories) {
      for (const tag of (await json(`${repository}/tags/list`)).tags ?? []) {
        const { body } = await request(`http://localhost:${at}/v2/${repository}/manifests/${tag}`, { headers: ANY });
        faults.push(...(await there.faults(repository, tag, sha256(body))));
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(10);
    return faults;
  };
  const keptFaults = async (where: Pusher) =>
    (await Promise.all([...kept].map(([tag, digest]) => where.faults("team/kept", tag, digest)))).flat();

  beforeAll(async () => {
    [port, otherPort] = await freePorts(2);
    outside = `${runName("backup")}-outside`;
    folders.push(scratchDirectory(outside), scratchDirectory(`${outside}-ssh`));
    s3 = new S3(outside, folders[0]);
    await s3.start();
    const address = (await inspect(outside)).NetworkSettings.Networks[outside].Gateway;
    const [sshPort] = await freePorts(1);
    const folder = folders[1];
    ssh = await SshServer.start(path.join(folder, "sshd"), { port: sshPort, address, inside: [], env: {} });
    fs.mkdirSync(path.join(folder, "folder"));
    fs.chownSync(path.join(folder, "folder"), 65532, 65532);
    await buildStandIns();
    const toVolume = { Backup: { target: BackupTarget.volume({ protectData: false }) } };
    const backups = (scope: TerraformStack) => ({
      ...toVolume,
      FolderBackup: { target: BackupTarget.folder(path.join(folder, "folder")) },
      S3Backup: {
        target: BackupTarget.s3({
          bucket: s3.bucket,
          folder: "backup",
          endpoint: s3.endpoint,
          accessKey: s3.accessKey,
          secretKey: secretVariable(scope, "s3_secret"),
          networkNames: [s3.name],
        }),
      },
      SftpBackup: {
        image: ContainerImage.of(standIn("restic")),
        target: BackupTarget.sftp({
          host: address,
          port: sshPort,
          user: "root",
          path: path.join(folder, "sftp"),
          hostKeys: [ssh.hostKey],
          privateKey: secretVariable(scope, "ssh_key"),
          networkNames: [s3.name],
        }),
      },
    });
    stack = (data, isAlone) => backedUpRegistry(port, isAlone ? () => toVolume : backups, data);
    deployment = Deployment.of("backup", stack(), {
      env: { TF_VAR_s3_secret: s3.secretKey, TF_VAR_ssh_key: ssh.clientKey },
    });
    await deployment.apply();
    registry = `${deployment.id}-registry`;
    container = `${deployment.id}-backup`;
    pusher = new Pusher(`http://localhost:${port}/v2`);
  });
  afterAll(async () => {
    ssh?.stop();
    await deployment?.cleanUp();
    for (const folder of folders) {
      removeDirectory(folder);
    }
  });

  it("of a registry without an image is none, and no fault", async () => {
    expect(await backup("now")).toEqual({ exitCode: 0, output: "backup: there is no image yet" });
    expect((await backup("list")).output).not.toContain("complete");
  });

  it("is complete although images are pushed, deleted and collected meanwhile", async () => {
    const results: string[] = [];
    const { acknowledged, deleted, failed, lost } = await runRounds(
      [openEntrance(`localhost:${port}`, deployment.directory)],
      deployment.directory,
      2,
      async (round) => {
        const digest = await pusher.image("team/kept", `round-${round}`, [layer(`kept ${round}`), layer("base")]);
        kept.set(`round-${round}`, digest);
        const collecting = maintain(registry, "collect");
        results.push((await backup("now")).output);
        await collecting;
      },
    );
    console.info(`${acknowledged} pushes and ${deleted} deletes during 2 backups`);
    expect({ failed, lost }).toEqual({ failed: [], lost: [] });
    expect(results).toEqual(Array(2).fill(expect.stringMatching(/a backup of \d+ links was taken/)));
    // Due at the next round; asked for below.
    await execa("docker", ["exec", of("folder"), "sh", "-c", "echo 1 >/backup/handled-backup"]);
    expect(await restore("under-load")).toEqual({
      exitCode: 0,
      output: expect.stringMatching(/no fault: [\s\S]*restored [0-9a-f]{8}$/),
    });
  });

  it("leaves a tag out that is deleted while links are copied, instead of saving half of it", async () => {
    const digest = await pusher.image("team/deleted", "latest", [layer("deleted")]);
    const taking = backup("now");
    await stopWhen("team/deleted/_manifests/tags/latest/current/link");
    expect(await pusher.delete("team/deleted", digest)).toBe(true);
    await goOn();
    expect(await taking).toMatchObject({ exitCode: 0, output: expect.stringContaining("was taken") });
    const saved = await inside(`ls ${LINKS}/team/deleted/_manifests/tags`);
    expect(saved.stdout).toBe("");
  });

  it("is taken once more when blobs of it are collected after its links were copied", async () => {
    const digest = await pusher.image("team/collected", "latest", [layer("collected")]);
    const taking = backup("now");
    await stopWhen(`team/collected/_layers/sha256/${sha256(layer("collected")).slice(7)}/link`);
    await pusher.delete("team/collected", digest);
    expect((await maintain(registry, "collect")).output).toContain("moved into the trash");
    await goOn();
    expect(await taking).toEqual({
      exitCode: 0,
      output: expect.stringMatching(/blobs went away while they were saved: once more\n.*was taken/),
    });
    expect((await backup("list")).output.match(/incomplete/g)).toBeNull();
  });

  it("thins out what is old, and is not taken twice at a time", async () => {
    const status = JSON.parse((await backup("status")).output.split("\n")[0]);
    expect(status).toMatchObject({ outcome: "complete", damaged: [] });
    expect(status.attempts).toBeGreaterThan(1);
    // Of this day one stays, and the oldest, as the seven that are kept are those of seven days.
    expect((await backup("list")).output).toMatch(/\n2 snapshots$/);
    await inside("mkdir /tmp/running; echo 1 >/tmp/running/pid");
    expect(await backup("now")).toMatchObject({ exitCode: 75, output: expect.stringContaining("another run") });
    await inside("rm -r /tmp/running");
    expect((await inside("cat /backup/backup.prom")).stdout).toMatch(/^registry_backup_failed 0$/m);
  });

  it("killed on its way leaves what was there, and the next one is complete", async () => {
    await pusher.image("team/killed", "latest", [layer("killed")]);
    const taking = backup("now");
    await stopWhen("team/killed/_manifests/tags/latest/current/link");
    await execa("docker", ["kill", container]);
    await taking;
    await execa("docker", ["start", container]);
    expect(await backup("now")).toMatchObject({ exitCode: 0, output: expect.stringContaining("was taken") });
  });

  it("is restored by restic alone, with the password and the repository, for another registry", async () => {
    const repository = (await inspect(container)).Mounts.find(
      ({ Destination }: { Destination: string }) => Destination === "/repository",
    ).Name;
    const password = path.join(deployment.directory, "password");
    fs.writeFileSync(password, (await inside("cat /config/current/backup-password")).stdout, { mode: 0o600 });
    const mounts = ["/repository", "/volume"].map((at, i) => `--volume=${[repository, volume("elsewhere")][i]}:${at}`);
    const run = ["run", "--rm", "--network=none", ...mounts, `--volume=${password}:/password:ro`];
    for (const half of ["data", "links"]) {
      const command = ["--repo=/repository", "--password-file=/password", "--no-cache", "restore", `latest:/${half}`];
      await execa("docker", [...run, images.restic?.reference ?? "", ...command, "--target=/volume"]);
    }
    const config = path.join(deployment.directory, "config.yml");
    fs.writeFileSync(config, 'version: 0.1\nstorage: {filesystem: {rootdirectory: /volume}}\nhttp: {addr: ":5000"}\n');
    const serve = ["--detach", `--name=${deployment.id}-elsewhere`, `--publish=127.0.0.1:${otherPort}:5000`];
    const volumes = [`--volume=${volume("elsewhere")}:/volume`, `--volume=${config}:/config.yml:ro`];
    const program = ["registry", "serve", "/config.yml"];
    await execa("docker", ["run", ...serve, ...volumes, images.registryV2.reference, ...program]);
    await eventually(() => request(`http://localhost:${otherPort}/v2/`), 10000);
    const there = new Pusher(`http://localhost:${otherPort}/v2`);
    expect(kept.size).toBe(2);
    expect(await keptFaults(there)).toEqual([]);
    expect(await allFaults(otherPort)).toEqual([]);
    expect(await there.image("team/kept", "new", [layer("new")])).toMatch(/^sha256:/);
    await execa("docker", ["rm", "--force", `${deployment.id}-elsewhere`]);
  });

  it("is found out when a byte of the repository is another", async () => {
    const { stdout: file } = await inside("find /repository/data -type f -size +1k | head -n 1");
    await flip(["exec", container], file, 700);
    const { exitCode, output } = await backup("check", "--full");
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: expect.stringContaining("the repository is damaged") });
    // Asked for by the command of the health check, which the engine would need three turns for.
    const health = async () => {
      const [, command] = (await inspect(container)).Config.Healthcheck.Test;
      return (await docker("exec", container, "sh", "-c", command)).exitCode;
    };
    expect(await health()).toBe(1);
    await flip(["exec", container], file, 700);
    expect(await backup("check", "--full")).toMatchObject({ exitCode: 0 });
    expect(await health()).toBe(0);
  });

  it("finds a damaged blob in the volume, which is then moved away, and pushed again", async () => {
    const blob = layer("rotten");
    const digest = sha256(blob);
    const image = await pusher.image("team/rotten", "latest", [blob]);
    await flip(["exec", registry], `/var/lib/registry${blobFile(digest)}`, 10);
    const hex = digest.slice(7);
    expect(await backup("check")).toEqual({ exitCode: 1, output: expect.stringContaining(hex) });
    expect(await maintain(registry, "check")).toMatchObject({ exitCode: 0 });
    expect(await maintain(registry, "check", "--full")).toEqual({ exitCode: 1, output: expect.stringContaining(hex) });
    // The registry and the cache know it, so that a push would leave it as it is.
    await pusher.image("team/rotten", "latest", [blob]);
    expect(await redis().keys()).toContain(`blobs::${digest}`);
    expect(await pusher.faults("team/rotten", "latest", image)).toHaveLength(1);

    const { exitCode, output } = await maintain(registry, "quarantine");
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringContaining(`${digest} in team/rotten`) });
    const head = () => request(`http://localhost:${port}/v2/team/rotten/blobs/${digest}`, { method: "HEAD" });
    expect((await head()).status).toBe(404);
    expect(await pusher.image("team/rotten", "latest", [blob])).toBe(image);
    expect(await pusher.faults("team/rotten", "latest", image)).toEqual([]);
    expect(await maintain(registry, "check", "--full")).toMatchObject({ exitCode: 0 });
    expect(await maintain(registry, "quarantine")).toEqual({ exitCode: 0, output: "maintenance: no blob is damaged" });
  });

  it("goes to a folder by its schedule, to S3 and by sftp on demand, and comes back from each", async () => {
    const both = ["s3", "sftp"].map((name) => docker("exec", of(name), SCRIPT, "now"));
    expect(await Promise.all(both)).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
    await eventually(async () => {
      const { output } = await docker("exec", of("folder"), SCRIPT, "status");
      expect(output).toContain('"run":"backup","outcome":"complete"');
    }, 40000);
    const restores = ["folder", "s3", "sftp"].map((name) => restore(`from-${name}`, undefined, of(name)));
    expect(await Promise.all(restores)).toEqual(
      Array(3).fill({ exitCode: 0, output: expect.stringContaining("no fault") }),
    );
    expect((await restore("from-s3", undefined, of("s3"))).output).toContain("is not empty");
  });

  it("has nothing to change, and shows no secret in a plan nor to who inspects its container", async () => {
    const { isEmpty, text } = await deployment.plan();
    expect(isEmpty).toBe(true);
    const inspected = JSON.stringify(
      await Promise.all(["", "s3-", "sftp-"].map((kind) => inspect(`${deployment.id}-${kind}backup`))),
    );
    const { stdout: password } = await inside("cat /config/current/backup-password");
    expect(password).toHaveLength(48);
    for (const secret of [password, 'se\\"cr', ssh.clientKey.split("\n")[3]]) {
      expect(`${text}${inspected}${deployment.configuration()}`).not.toContain(secret);
    }
  });

  it("is switched to: the registry takes a restored volume, and its cache forgets", async () => {
    expect(await backup("now")).toMatchObject({ exitCode: 0 });
    const since = layer("pushed after the backup");
    await pusher.image("team/since", "latest", [since]);
    expect(await redis().keys()).toContain(`blobs::${sha256(since)}`);
    expect(await restore("switched")).toMatchObject({ exitCode: 0 });
    const data = { volumeName: volume("switched") };
    await expect(deployment.plan(stack(data, true))).rejects.toThrow(/prevent_destroy/);
    const address = (await deployment.addresses()).find((one) => /docker_volume\.Registry_Data/.test(one));
    await deployment.forget(String(address));
    await deployment.apply(stack({ ...data, protectData: false }, true));
    expect(await allFaults(port)).toEqual([]);
    expect(await keptFaults(pusher)).toEqual([]);
    await eventually(async () => expect((await inRegistry("cat /tmp/serving")).stdout).toBe("config.yml"), 40000, 500);
    expect(await redis().keys()).not.toContain(`blobs::${sha256(since)}`);
    expect(await pusher.image("team/since", "again", [since])).toMatch(/^sha256:/);
  });

  it("leaves nothing when it is destroyed, but for the volumes that Terraform does not know", async () => {
    await deployment.destroy();
    const left = (await deployment.leftovers()).filter(({ name }) => !name.startsWith(outside));
    const restored = ["under-load", "elsewhere", "from-folder", "from-s3", "from-sftp"].map(volume);
    expect(left.map(({ name }) => name).sort()).toEqual([...restored, `${registry}-data`].sort());
    expect(fs.readdirSync(path.join(folders[1], "folder"))).toContain("snapshots");
  });
});
