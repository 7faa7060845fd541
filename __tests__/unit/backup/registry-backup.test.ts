import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import {
  BackupTarget,
  MirrorContainer,
  PrivateRegistry,
  PublicEndpoint,
  RegistryBackup,
  type RegistryBackupOptions,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryStorage,
  Schedule,
} from "../../../lib";
import { LEAST_RIGHTS, resources, reviewed, secret, stackOf, synth } from "../synth";

const target = BackupTarget.volume();

const backUp = (options: Partial<RegistryBackupOptions>, props: RegistryContainerProps = {}) =>
  synth((stack) => {
    const registry = new RegistryContainer(stack, "Registry", props);
    new RegistryBackup(stack, "Backup", { registry, target, ...options });
  });
const scriptOf = (text: string) => reviewed(text, "Backup_Config")["bin/backup"];

describe("a backup", () => {
  it("reads the images, cannot write to them, and has no network for a target on the same engine", () => {
    const { Backup } = resources(backUp({}), "docker_container");
    expect(Backup).toMatchObject({ name: "local-backup", network_mode: "none", ...LEAST_RIGHTS });
    const mounts = Backup.volumes.map((mount: Record<string, unknown>) => [mount.container_path, mount.read_only]);
    expect(mounts).toEqual([
      ["/config", true],
      ["/data", true],
      ["/backup", false],
      ["/repository", false],
    ]);
  });

  it("has its repository in a volume that Terraform keeps", () => {
    const { Backup_Repository } = resources(backUp({}), "docker_volume");
    expect(Backup_Repository).toMatchObject({
      name: "local-backup-repository",
      lifecycle: { prevent_destroy: true },
    });
  });

  it("is encrypted with a password that is in a file only", () => {
    for (const password of [undefined, secret("password")]) {
      const text = backUp({ password });
      const { Backup, Backup_Config_Writer } = resources(text, "docker_container");
      const [{ content }] = Backup_Config_Writer.upload.filter(({ file }: { file: string }) =>
        file.endsWith("/backup-password"),
      );
      expect(content).toMatch(password === undefined ? /random_password\.Backup_Password_\w+\.result/ : /the password/);
      expect(JSON.stringify(Backup)).not.toContain(content.slice(2, -1));
      expect(Object.keys(reviewed(text, "Backup_Config"))).toEqual(["bin/backup"]);
    }
  });

  it("is taken each night, checked each week and kept for a year", () => {
    const script = scriptOf(backUp({}));
    expect(script).toContain("--keep-daily 7 --keep-weekly 5 --keep-monthly 12");
    expect(script).toContain('"backup 86400 9000 now" "check 604800 275400 check"');
    expect(script).toContain("--read-data-subset=10%");
    const changed = backUp({ schedule: Schedule.everyHours(6), keep: { last: 3, daily: 0 }, checkedPercent: 100 });
    expect(scriptOf(changed)).toContain("--group-by host --keep-last 3 ||");
    expect(scriptOf(changed)).toContain('"backup 21600 0 now"');
  });

  it.each<[string, () => unknown, string]>([
    [
      "a password that is written in the code",
      () => backUp({ password: "secret" }),
      'password is "a text", expected a',
    ],
    ["an empty password", () => backUp({ password: "" }), 'password is "", expected a sensitive variable'],
    [
      "the volume that is backed up",
      () => backUp({ target: BackupTarget.volume({ volumeName: "local-registry-data" }) }),
      "expected another volume than the one that is backed up",
    ],
    ["a volume without a name", () => backUp({ target: BackupTarget.volume({ volumeName: "" }) }), "target.volumeName"],
    [
      "a relative folder",
      () => backUp({ target: BackupTarget.folder("backup") }),
      'target.path is "backup", expected an absolute path',
    ],
    ["a folder above another", () => backUp({ target: BackupTarget.folder("/srv/../etc") }), "without .."],
    ["the root", () => backUp({ target: BackupTarget.folder("/") }), "target.path"],
    [
      "a folder of the engine, as of the volume itself",
      () => backUp({ target: BackupTarget.folder("/var/lib/docker/volumes/local-registry-data/_data") }),
      "a folder that is nobody else's",
    ],
    ["nothing that stays", () => backUp({ keep: {} }), "keep is {}, expected at least one backup that stays"],
    ["zeros only", () => backUp({ keep: { last: 0, daily: 0 } }), "at least one backup that stays"],
    ["less than nothing", () => backUp({ keep: { daily: -1 } }), "keep.daily is -1"],
    ["a schedule that is none", () => backUp({ schedule: Schedule.daily("late") }), 'Schedule.daily: time is "late"'],
    ["a check of nothing", () => backUp({ checkedPercent: 0 }), "checkedPercent is 0"],
    [
      "a storage in memory",
      () => backUp({}, { storage: RegistryStorage.inMemory() }),
      "a RegistryContainer whose storage is a volume",
    ],
    [
      "a storage in S3",
      () => backUp({}, { storage: RegistryStorage.s3({ bucket: "images", endpoint: "http://s3:9000" }) }),
      "turn the bucket's versioning on",
    ],
    [
      "a mirror",
      () =>
        new RegistryBackup(stackOf(), "Backup", {
          target,
          registry: new MirrorContainer(stackOf("other"), "Mirror", {
            upstream: { url: "https://registry.example.com" },
          }) as unknown as RegistryContainer,
        }),
      "a RegistryContainer whose storage is a volume",
    ],
  ])("is refused with %s", (_, build, message) => {
    expect(build).toThrow(message);
  });
});

describe("a backup to S3", () => {
  const s3 = { bucket: "backup", accessKey: "key", secretKey: secret("key"), endpoint: "https://s3.example.com/" };

  it("reaches out by a network of its own, and its secret is in a file only", () => {
    const text = backUp({ target: BackupTarget.s3({ ...s3, folder: "registry", region: "eu-central-1" }) });
    const script = scriptOf(text);
    expect(script).toContain("export RESTIC_REPOSITORY='s3:https://s3.example.com/backup/registry'");
    expect(script).toContain("'-o' 's3.bucket-lookup=path'");
    expect(script).toContain('AWS_SECRET_ACCESS_KEY=$(cat "$config/s3-secret-key")');
    expect(script).toContain("export AWS_DEFAULT_REGION='eu-central-1'");
    const { Backup } = resources(text, "docker_container");
    expect(JSON.stringify(Backup)).not.toContain("the key");
    expect(Backup.networks_advanced).toHaveLength(1);
    expect(resources(text, "docker_network").Backup_Outbound.name).toBe("local-backup-outbound");
  });

  it("takes what the machine says of itself, at Amazon", () => {
    const script = scriptOf(backUp({ target: BackupTarget.s3({ bucket: "backup", networkNames: ["storage"] }) }));
    expect(script).toContain("'s3:https://s3.amazonaws.com/backup'");
    expect(script).not.toContain("AWS_");
  });

  it.each([
    [{ ...s3, secretKey: "written" }, 'target.secretKey is "a text"'],
    [{ ...s3, secretKey: undefined }, "target.secretKey is not set, expected both"],
    [{ ...s3, bucket: "a b" }, 'target.bucket is "a b"'],
    [{ ...s3, folder: "/registry" }, 'target.folder is "/registry"'],
    [{ ...s3, endpoint: "s3.example.com" }, "target.endpoint"],
  ])("is refused with %j", (props, message) => {
    expect(() => backUp({ target: BackupTarget.s3(props) })).toThrow(message);
  });
});

describe("a backup by sftp", () => {
  const hostKeys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA"];
  const sftp = {
    host: "backup.example.com",
    user: "backup",
    path: "/srv/registry",
    privateKey: secret("key"),
    hostKeys,
  };

  it("knows the machine and its key, and asks nobody", () => {
    const text = backUp({ target: BackupTarget.sftp({ ...sftp, port: 2222 }) });
    const script = scriptOf(text);
    expect(script).toContain("'sftp:backup@backup.example.com:/srv/registry'");
    expect(script).toContain("-o StrictHostKeyChecking=yes -o BatchMode=yes");
    expect(script).toContain("-p 2222 -l backup backup.example.com -s sftp'");
    const { upload } = resources(text, "docker_container").Backup_Config_Writer;
    const [known] = upload.filter(({ file }: { file: string }) => file.endsWith("/known-hosts"));
    expect(known.content).toBe(`[backup.example.com]:2222 ${hostKeys[0]}\n`);
  });

  it.each([
    [{ ...sftp, privateKey: "written" }, 'target.privateKey is "a text"'],
    [{ ...sftp, hostKeys: [] }, "target.hostKeys"],
    [{ ...sftp, hostKeys: ["nonsense"] }, 'target.hostKeys is "nonsense"'],
    [{ ...sftp, path: "registry" }, 'target.path is "registry", expected an absolute path'],
    [{ ...sftp, host: "-oProxyCommand=x" }, "target.host"],
    [{ ...sftp, port: 0 }, "target.port is 0"],
  ])("is refused with %j", (props, message) => {
    expect(() => backUp({ target: BackupTarget.sftp(props) })).toThrow(message);
  });
});

describe("a private registry with a backup", () => {
  const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });

  it("tells its password, which is needed when all else is lost", () => {
    const text = synth((stack) => {
      new LocalProvider(stack, "Local");
      new PrivateRegistry(stack, "Default", { endpoint, backup: { target } }).addOutputs();
    });
    expect(resources(text, "docker_container").Backup.name).toBe("local-backup");
    expect(JSON.parse(text).output.backup_password).toMatchObject({ sensitive: true });
  });

  it("is refused for a mirror", () => {
    const upstream = { url: "https://registry.example.com" };
    const build = () => new PrivateRegistry(stackOf(), "Default", { endpoint, upstream, backup: { target } });
    expect(build).toThrow('backup is "a backup", expected none of a mirror');
  });
});
