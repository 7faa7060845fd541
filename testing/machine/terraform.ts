import path from "node:path";
import execa from "execa";

/** Addresses of resources by what a plan does to them. */
export interface Changes {
  readonly created: string[];
  readonly updated: string[];
  readonly replaced: string[];
  readonly destroyed: string[];
  /** Names of outputs whose value changes. */
  readonly outputs: string[];
}

const PLAN_FILE = "reviewed.tfplan";

/** Terraform run directly in a synthesised stack's folder, without cdktf's command line. */
export class Terraform {
  public constructor(
    private readonly directory: string,
    private readonly env: Record<string, string> = {},
  ) {}

  public async init(): Promise<void> {
    await this.run(["init", "-input=false", "-no-color"]);
  }

  public async validate(): Promise<void> {
    await this.run(["validate", "-no-color"]);
  }

  /** Writes the plan to a file, so that what is applied is what was listed. */
  public async plan(): Promise<{ isEmpty: boolean; changes: Changes; text: string }> {
    const { exitCode, stdout } = await this.run(
      ["plan", "-input=false", "-no-color", "-detailed-exitcode", `-out=${PLAN_FILE}`],
      [0, 2],
    );
    return { isEmpty: exitCode === 0, changes: await this.changes(), text: stdout };
  }

  /** What a plan would still change, as a person would read it; nothing is written. */
  public async pending(): Promise<string> {
    const { exitCode, stdout } = await this.run(["plan", "-input=false", "-no-color", "-detailed-exitcode"], [0, 2]);
    return exitCode === 0 ? "" : stdout.replace(/^.*: Refreshing state\.\.\..*\n/gm, "").trim();
  }

  public async applyPlan(): Promise<string> {
    const { stdout } = await this.run(["apply", "-input=false", "-no-color", PLAN_FILE]);
    return stdout;
  }

  public async addresses(): Promise<string[]> {
    return (await this.run(["state", "list"])).stdout.split("\n");
  }

  public async forget(address: string): Promise<void> {
    await this.run(["state", "rm", address]);
  }

  public async destroy(): Promise<void> {
    await this.run(["destroy", "-input=false", "-no-color", "-auto-approve"]);
  }

  public async outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await this.run(["output", "-json"]);
    const outputs = JSON.parse(stdout) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, output.value]));
  }

  private async changes(): Promise<Changes> {
    const { stdout } = await this.run(["show", "-json", PLAN_FILE]);
    const plan = JSON.parse(stdout) as {
      resource_changes?: { address: string; mode: string; change: { actions: string[] } }[];
      output_changes?: Record<string, { actions: string[] }>;
    };
    const resources = (plan.resource_changes ?? []).filter((resource) => resource.mode === "managed");
    const by = (actions: string) =>
      resources.filter(({ change }) => [...change.actions].sort().join() === actions).map(({ address }) => address);
    return {
      created: by("create"),
      updated: by("update"),
      replaced: by("create,delete"),
      destroyed: by("delete"),
      outputs: Object.entries(plan.output_changes ?? {})
        .filter(([, change]) => change.actions.join() !== "no-op")
        .map(([name]) => name),
    };
  }

  /** The shell sets the umask: state and plans hold secrets. */
  private async run(args: string[], accepted = [0]): Promise<execa.ExecaReturnValue> {
    const binary = process.env.TERRAFORM_BINARY_NAME ?? "terraform";
    const result = await execa("sh", ["-c", 'umask 077; exec "$@"', "sh", binary, ...args], {
      cwd: this.directory,
      env: { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...this.env },
      stdin: "ignore",
      reject: false,
    });
    if (!accepted.includes(result.exitCode)) {
      const where = path.basename(this.directory);
      throw new Error(`${binary} ${args[0]} of ${where} ended with ${result.exitCode}:\n${result.stderr}`);
    }
    return result;
  }
}
