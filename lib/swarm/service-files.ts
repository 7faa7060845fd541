import { Config } from "@cdktf/provider-docker/lib/config";
import { Secret } from "@cdktf/provider-docker/lib/secret";
import { Aspects, Fn, type IResolvable, Lazy, TerraformLocal } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { TerraformData } from "../core/terraform-data";
import { terraformText } from "../core/terraform-text";
import type { ConfigFile } from "../docker/config-volume";
import { SERVICE_UID } from "../docker/service-container";
import { STAGED_FOLDER } from "./task-start";

/** The most that Swarm takes for one. */
const MOST_BYTES = 500 * 1024;

/** The same for its name. */
const LONGEST_NAME = 64;

/** One of them as the task of a service mounts it. */
interface MountedFile {
  readonly file_name: string;
  readonly file_uid: string;
  readonly file_gid: string;
  readonly file_mode: number;
  readonly [reference: string]: string | number;
}

/**
 * The files of a service, each a config of Swarm, or a secret where plans must not show it.
 *
 * Swarm can change neither. Another content makes another one under another name, the service is updated to it, and then
 * the former one goes. The name has a part that no other one ever had: after a roll-back the former one is still in use,
 * and a deploy of its content would find the name taken.
 */
export class ServiceFiles extends Construct {
  private readonly configMounts: MountedFile[] = [];
  private readonly secretMounts: MountedFile[] = [];

  /**
   * @param serviceName what names begin with
   * @param files asked for at synth, so that what is added late still counts
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly serviceName: string,
    private readonly files: () => ConfigFile[],
  ) {
    super(scope, id);
    let isMade = false;
    Aspects.of(this).add({
      visit: (node: IConstruct) => {
        if (node === this && !isMade) {
          isMade = true;
          this.make();
        }
      },
    });
  }

  /** As `configs` of a service takes them. */
  public get configs(): IResolvable {
    return Lazy.anyValue({ produce: () => this.configMounts });
  }

  /** As `secrets` of a service takes them. */
  public get secrets(): IResolvable {
    return Lazy.anyValue({ produce: () => this.secretMounts });
  }

  private make(): void {
    for (const file of [...this.files()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      this.makeOne(file);
    }
  }

  private makeOne({ path, content, review }: ConfigFile): void {
    const scope = new Construct(this, path.replace(/\//g, "-"));
    // Said once, as it is used twice.
    const text = new TerraformLocal(scope, "Content", terraformText(content)).asString;
    const isPublic = review === content;
    const lifecycle = { createBeforeDestroy: true };
    const version = new TerraformData(scope, "Version", {
      triggersReplace: Lazy.anyValue({
        produce: (context) => {
          this.requireSize(path, String(context.resolve(content)));
          return {
            // Of what plans show by line, nothing else is needed.
            ...(isPublic ? {} : { digest: Fn.sha256(text) }),
            ...(review === undefined ? {} : { lines: String(context.resolve(terraformText(review))).split("\n") }),
          };
        },
      }),
      lifecycle,
    });
    const base = `${this.serviceName}-${path.replace(/\//g, "-")}`.slice(0, LONGEST_NAME - 9);
    const name = `${base}-${Fn.substr(version.getStringAttribute("id"), 0, 8)}`;
    // In base64 nobody can read it: the lines of the version are for that.
    const data = Fn.sensitive(Fn.base64encode(text));
    const mount = {
      file_name: `${STAGED_FOLDER}/${path}`,
      file_uid: `${SERVICE_UID}`,
      file_gid: `${SERVICE_UID}`,
      file_mode: 0o400,
    };
    if (isPublic) {
      const config = new Config(scope, "Resource", { name, data, lifecycle });
      this.configMounts.push({ config_id: config.id, config_name: config.name, ...mount });
    } else {
      const secret = new Secret(scope, "Resource", { name, data, lifecycle });
      this.secretMounts.push({ secret_id: secret.id, secret_name: secret.name, ...mount });
    }
  }

  private requireSize(path: string, content: string): void {
    const size = Buffer.byteLength(content);
    if (size > MOST_BYTES) {
      throw invalidInput({
        where: this,
        field: path,
        got: `a file of ${size} bytes`,
        expected: `at most ${MOST_BYTES}, the most that Swarm keeps as a config or secret`,
        fix: "have less in it, such as fewer users or rules",
      });
    }
  }
}
