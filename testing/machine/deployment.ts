import fs from "node:fs";
import path from "node:path";
import { App, type TerraformStack } from "cdktf";
import { type EngineObject, objectsOf, removeObjects } from "./engine-objects";
import { removeDirectory, runName, scratchDirectory } from "./scratch";
import { type Changes, Terraform } from "./terraform";

/** Builds the stack under test; `id` is also the prefix that every container, network and volume must carry. */
export type StackFactory = (app: App, id: string) => TerraformStack;

export interface DeploymentOptions {
  /** Environment of Terraform: `TF_VAR_…` for sensitive variables, `DOCKER_HOST` for another engine. */
  readonly env?: Record<string, string>;
}

/**
 * A stack deployed for real, in a folder of its own outside the repository, under a name that no other run has.
 *
 *     const registry = Deployment.of("push", (app, id) => new HttpRegistryStack(app, id, { … }));
 *     beforeAll(() => registry.apply());
 *     afterAll(() => registry.cleanUp());
 */
export class Deployment {
  /** `word` names the test; lower-case letters and digits, unique among deployments that live at one time. */
  public static of(word: string, stack: StackFactory, options: DeploymentOptions = {}): Deployment {
    const id = runName(word);
    return new Deployment(id, scratchDirectory(id), stack, options);
  }

  private terraform?: Terraform;
  private hasSettled = false;

  private constructor(
    public readonly id: string,
    /** For the test's own files too: removed with the deployment. */
    public readonly directory: string,
    private stack: StackFactory,
    private readonly options: DeploymentOptions,
  ) {}

  /**
   * Deploys; a changed stack is deployed over the same state. Returns what was changed.
   *
   * The first deploy is planned a second time, and fails when anything is left to change: no stack may never settle.
   */
  public async apply(changed?: StackFactory): Promise<Changes> {
    const { changes } = await this.plan(changed);
    await this.ready().applyPlan();
    if (!this.hasSettled) {
      const pending = await this.ready().pending();
      if (pending !== "") {
        throw new Error(`${this.id} was deployed, and its next plan is not empty:\n${pending}`);
      }
      this.hasSettled = true;
    }
    return changes;
  }

  public async plan(changed?: StackFactory): Promise<{ isEmpty: boolean; changes: Changes; text: string }> {
    await this.prepare(changed);
    return this.ready().plan();
  }

  /** Everything up to the plan, for whoever runs Terraform himself. Returns the folder to run it in. */
  public async prepare(changed?: StackFactory): Promise<string> {
    this.stack = changed ?? this.stack;
    await this.synth();
    return path.dirname(this.configurationFile());
  }

  /** What a person sees as "No changes". */
  public async planIsEmpty(): Promise<boolean> {
    return (await this.ready().plan()).isEmpty;
  }

  public async validate(): Promise<void> {
    await this.synth();
    await this.ready().validate();
  }

  public async outputs(): Promise<Record<string, unknown>> {
    return this.ready().outputs();
  }

  /** What Terraform has in its state. */
  public async addresses(): Promise<string[]> {
    return this.ready().addresses();
  }

  /** Has Terraform let go of a resource, which stays on the engine. */
  public async forget(address: string): Promise<void> {
    await this.ready().forget(address);
  }

  /** Terraform's own destroy: afterwards `leftovers()` must be empty. */
  public async destroy(): Promise<void> {
    await this.ready().destroy();
  }

  /** Containers, networks and volumes of this deployment that are on the engine now. */
  public async leftovers(): Promise<EngineObject[]> {
    return objectsOf((name) => name === this.id || name.startsWith(`${this.id}-`) || name.startsWith(`${this.id}_`));
  }

  /** For afterAll: removes everything, whatever state a failed test left. */
  public async cleanUp(): Promise<void> {
    // By name, not by `terraform destroy`: it also works with protected data and half-applied state, and is faster.
    await removeObjects(await this.leftovers());
    removeDirectory(this.directory);
  }

  /** The synthesised Terraform configuration, for tests of what it must not hold. */
  public configuration(): string {
    return fs.readFileSync(this.configurationFile(), "utf8");
  }

  /** The state as text, for tests of where secrets may be. */
  public state(): string {
    return fs.readFileSync(this.stateFile(), "utf8");
  }

  private async synth(): Promise<void> {
    const app = new App({ outdir: path.join(this.directory, "cdktf.out") });
    this.stack(app, this.id);
    app.synth();
    // Whatever backend the stack chose: a test's state lives and dies with its folder.
    const configuration = JSON.parse(this.configuration());
    configuration.terraform.backend = { local: { path: this.stateFile() } };
    fs.writeFileSync(this.configurationFile(), JSON.stringify(configuration, null, 2));
    const providers = JSON.stringify(configuration.terraform.required_providers ?? {});
    if (this.initialisedWith !== providers) {
      this.terraform = new Terraform(path.dirname(this.configurationFile()), this.options.env);
      await this.terraform.init();
      this.initialisedWith = providers;
    }
  }

  private initialisedWith?: string;

  private ready(): Terraform {
    if (this.terraform === undefined) {
      throw new Error(`${this.id} was not synthesised yet: call apply(), plan() or validate() first`);
    }
    return this.terraform;
  }

  private configurationFile(): string {
    return path.join(this.directory, "cdktf.out", "stacks", this.id, "cdk.tf.json");
  }

  private stateFile(): string {
    return path.join(this.directory, "terraform.tfstate");
  }
}
