import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { Crane } from "../clients/clients";
import { digestsBelow, TestImage } from "../clients/images";

/** Who may push to examples, by the name of the user. */
const PUSHERS = ["ci", "team"];

/** crane, as somebody who may push to a registry that an example has deployed, where that has users. */
export class ExampleClient {
  /** One for each registry of a stack. `stack`: the folder of its cdk.tf.json. `directory`: for what is pulled. */
  public static async ofAll(stack: string, directory: string): Promise<ExampleClient[]> {
    const { stdout } = await execa("terraform", ["output", "-json"], { cwd: stack });
    const outputs: { [name: string]: { value: unknown } | undefined } = JSON.parse(stdout);
    const prefixes = Object.keys(outputs).flatMap((name) => name.match(/^(.*)registry_host$/)?.[1] ?? []);
    return Promise.all(
      prefixes.map((prefix) =>
        ExampleClient.of((name) => outputs[`${prefix}${name}`]?.value, path.join(directory, `client-${prefix}`)),
      ),
    );
  }

  private static async of(output: (name: string) => unknown, directory: string): Promise<ExampleClient> {
    fs.mkdirSync(directory, { recursive: true });
    const ca = path.join(directory, "ca.crt");
    // Where there is no authority, the example has made the certificate by itself.
    const own = path.join(directory, "..", "certificate", "fullchain.pem");
    fs.writeFileSync(ca, String(output("ca_certificate") ?? fs.readFileSync(own, "utf8")));
    const crane = new Crane(directory, { ca });
    const host = String(output("registry_host"));
    const [login] = Object.entries((output("users") as Record<string, string>) ?? {}).filter(([user]) =>
      PUSHERS.includes(user),
    );
    if (login !== undefined) {
      await crane.login(host, { user: login[0], password: login[1] });
    }
    return new ExampleClient(crane, host, directory);
  }

  private pulls = 0;

  private constructor(
    private readonly crane: Crane,
    private readonly host: string,
    private readonly directory: string,
  ) {}

  /** Fails where something else comes back. */
  public async pushAndPull(): Promise<void> {
    const image = await TestImage.create(path.join(this.directory, "image"), { layers: [1000] });
    await this.crane.push(image.directory, `${this.host}/team/app:1`);
    await this.pull(image, "team/app:1");
  }

  /** Fails where something else comes than `image`. */
  public async pull(image: TestImage, name: string): Promise<void> {
    const pulled = path.join(this.directory, `pulled-${this.pulls++}`);
    await this.crane.pull(`${this.host}/${name}`, pulled);
    const digests = await digestsBelow(pulled);
    if (!image.blobs.every(({ digest }) => digests.has(digest))) {
      throw new Error(`what was pulled as ${name} is not what was pushed`);
    }
  }
}
