import { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName } from "../core/names";
import { requireProvider } from "../core/provider-versions";
import { TerraformData } from "../core/terraform-data";
import { terraformText } from "../core/terraform-text";
import { configWriterScript, OWNED_FOLDER, STAGING_PATH, WRITTEN } from "./config-writer";
import { SERVICE_UID, type VolumeMount } from "./service-container";

/** Where readers mount a ConfigVolume; the files lie in `current` below it. */
export const CONFIG_FOLDER = "/config";

/** Files below it may be run by the reader. */
export const EXECUTABLES = "bin";

/** A file that plans and logs must not show. */
export interface ConfigFile {
  /** Relative to the folder that holds the files. */
  readonly path: string;
  /** May hold tokens; it is resolved at deploy time. */
  readonly content: string;

  /**
   * What plans show instead of the content.
   *
   * @default - nothing
   */
  readonly review?: string;
}

// Names that need no quoting in the writer's shell nor in nginx.conf.
const FILE_NAME = /^(?!\.{1,2}$)[a-zA-Z0-9_.-]+$/;

const NO_FILES = "a ConfigVolume without files leaves its reader waiting. Fix: call addFile or addSecretFile";

/** A volume of configuration files for one reader. */
export interface ConfigVolumeProps {
  /**
   * Image of the one-shot writer, by id; it needs a shell, and the reader's own image serves best:
   * then `check` runs the very program that will read the files.
   */
  readonly imageId: string;

  /**
   * A shell command that tries the new files before their reader sees them.
   * It runs in the folder that holds them; when it fails, nothing is taken over and the deploy fails.
   *
   * @default - no check
   */
  readonly check?: string;

  /**
   * Environment of `check`, `NAME=value` each; never a secret, as `docker inspect` shows it.
   *
   * @default - that of the image
   */
  readonly checkEnvironment?: string[];

  /**
   * Programs that the image must have, for the reader; `"curl|wget"` is one of the two. A deploy fails at once
   * with the names of those that it lacks.
   *
   * @default - only those that the writer itself needs
   */
  readonly requiredCommands?: string[];

  /**
   * Name of the container that takes over changed files while it runs. The writer waits for it: when a deploy has
   * ended, the change counts; when the container refuses the files, the deploy fails and the old ones come back.
   *
   * @default - no container does: the writer waits for nobody
   */
  readonly readerName?: string;

  /**
   * How long that container may take to do so, in seconds; after that the deploy fails, and the old files come back.
   *
   * @default 60
   */
  readonly readerPatienceSeconds?: number;
}

/**
 * Files in a named volume that change under a running reader.
 *
 * A one-shot writer carries the files, tries them and makes them the current ones in one step:
 * the reader follows the link `current`, and sees the old set or the new one, never half of each.
 * When a file changes Terraform replaces the writer only. Nothing is mounted from the machine that
 * runs Terraform, so remote engines work too, and the reader's `docker inspect` shows no secret.
 */
export class ConfigVolume extends Construct {
  /** The volume that holds the files. */
  public readonly resource: Volume;

  /** The one-shot container that fills it. */
  public readonly writer: Container;

  private readonly files = new Map<string, ConfigFile>();
  private readonly givenToService: string[] = [];
  private readonly later: (() => ConfigFile[])[] = [];

  /** @throws when the stack has no docker provider */
  constructor(scope: Construct, id: string, props: ConfigVolumeProps) {
    super(scope, id);
    requireProvider(this, "docker");
    this.node.addValidation({ validate: () => (this.all().size === 0 ? [NO_FILES] : []) });

    this.resource = new Volume(this, "Resource", { name: defaultName(this) });
    const writerName = `${defaultName(this)}-writer`;
    this.writer = new Container(this, "Writer", {
      name: writerName,
      image: props.imageId,
      // Images whose own entry point is no shell would be given the script as an argument, and end with success.
      entrypoint: ["/bin/sh", "-c"],
      command: [
        configWriterScript({
          check: props.check,
          owner: SERVICE_UID,
          requiredCommands: props.requiredCommands,
          reader: props.readerName
            ? { name: props.readerName, patienceSeconds: props.readerPatienceSeconds ?? 60 }
            : undefined,
        }),
      ],
      env: props.checkEnvironment?.length ? props.checkEnvironment : undefined,
      user: "0:0",
      networkMode: "none",
      // Root without capabilities, but for the one that gives the files to their reader.
      capabilities: { drop: ["ALL"], add: ["CAP_CHOWN"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 64,
      memorySwap: 64,
      restart: "no",
      mustRun: false,
      attach: true,
      logs: true,
      // Whatever the engine's own default is: some drivers cannot be read.
      logDriver: "json-file",
      volumes: Lazy.anyValue({
        produce: () =>
          [
            { volume_name: this.resource.name, container_path: "/config" },
            ...this.givenToService.map((name, i) => ({ volume_name: name, container_path: `${OWNED_FOLDER}/${i}` })),
          ].map((mount) => ({ ...mount, read_only: false })),
      }),
      upload: Lazy.anyValue({
        produce: () =>
          [...this.all().values()]
            .sort((a, b) => (a.path < b.path ? -1 : 1))
            .map(({ path, content }) => ({ file: `${STAGING_PATH}/${path}`, content, permissions: "0400" })),
      }),
      lifecycle: {
        postcondition: [
          {
            // The last word of the script: an exit code alone says little of what was done.
            condition: `$\{self.exit_code == 0 && can(regex("${WRITTEN}", self.container_logs))}`,
            errorMessage: `The new configuration was refused: what runs keeps the old one. Fix what is said below and deploy again; if nothing has to change, run "docker rm ${writerName}" first. $\{coalesce(self.container_logs, "The config writer said nothing.")}`,
          },
        ],
      },
    });
    new TerraformData(this, "Review", {
      // Not `input`, which plans show twice; and by line, as they repeat a changed text from its first line to its last.
      triggersReplace: Lazy.anyValue({
        produce: (context) =>
          Object.fromEntries(
            [...this.all().values()]
              .flatMap(({ path, review }) => (review === undefined ? [] : [{ path, review }]))
              .sort((a, b) => (a.path < b.path ? -1 : 1))
              .map(({ path, review }) => [path, String(context.resolve(review)).split("\n")]),
          ),
      }),
    });
  }

  /**
   * Adds a file whose content every reviewer of a plan may read.
   *
   * @param path relative to the folder that the reader mounts
   */
  public addFile(path: string, content: string): void {
    this.add(this.files, { path, content, review: content });
  }

  /**
   * Adds a file whose content no plan, log or `docker inspect` of the reader may show.
   *
   * @param path relative to the folder that the reader mounts
   * @param review what plans show instead, such as the same text without its secrets; nothing when left out
   */
  public addSecretFile(path: string, content: string, review?: string): void {
    this.add(this.files, { path, content, review });
  }

  /**
   * Adds files of which it is known only at synth what they are.
   *
   * @internal
   */
  public _addFilesLater(files: () => ConfigFile[]): void {
    this.later.push(files);
  }

  /**
   * Gives another volume to the reader's user before the reader starts: new volumes belong to root.
   *
   * @param volumeName name of the volume
   */
  public giveToService(volumeName: string): void {
    this.givenToService.push(volumeName);
  }

  /**
   * How the reader mounts it: the files lie in `<containerPath>/current`.
   *
   * @param containerPath absolute path in the reader
   */
  public mountAt(containerPath: string): VolumeMount {
    return { volumeName: this.resource.name, containerPath, readOnly: true };
  }

  private all(): Map<string, ConfigFile> {
    const all = new Map(this.files);
    for (const file of this.later.flatMap((files) => files())) {
      this.add(all, file);
    }
    return all;
  }

  private add(files: Map<string, ConfigFile>, { path, content, review }: ConfigFile): void {
    if (!path.split("/").every((part) => FILE_NAME.test(part))) {
      throw invalidInput({
        where: this,
        field: "path",
        got: path,
        expected: "a path below the volume, of letters, digits, _ . and -, without .. in it",
        fix: 'write it like "nginx.conf" or "tls/server.key"',
      });
    }
    if (files.has(path)) {
      const fix = "choose another name for one of the two";
      const expected = "a path that no other file of the volume has";
      throw invalidInput({ where: this, field: "path", got: path, expected, fix });
    }
    files.set(path, { path, content: terraformText(content), review: review && terraformText(review) });
  }
}
