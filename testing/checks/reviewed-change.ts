import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import type { EnvironmentReview } from "../../review/model/change";
import { readPlan } from "../../review/model/plan-review";
import { compareSynths } from "../../review/model/synth-review";
import { applyPlan, makePlan, type Planning, showPlan } from "../../review/run/plan";
import { configurationIn } from "../../review/run/review-stacks";
import { registryWords } from "../../review/words/docker-registry";
import { basicAuth } from "../clients/http";
import { SteadyClient } from "../clients/steady-client";
import { Deployment } from "../machine/deployment";
import { freePorts } from "../machine/ports";
import { type PreparedChange, preparedChanges } from "../stacks/prepared-changes";
import { REVIEWED, type ReviewedProps, reviewedRegistry } from "../stacks/reviewed-registry";

/** What a client noticed. */
export interface Noticed {
  readonly failures: readonly (number | string)[];
  /** From the first failure to the last. */
  readonly failingMs: number;
  readonly answered: number;
}

/** What was reported of a change, and what clients then noticed of it. */
export interface Outcome {
  readonly review: EnvironmentReview;
  readonly pulls: Noticed;
  readonly pushes: Noticed;
}

/** A registry whose changes are reviewed, applied and watched by a client, one after the other. */
export class ReviewedRegistry {
  public static async deploy(word: string): Promise<ReviewedRegistry> {
    const ports = await freePorts(3);
    const env: Record<string, string> = { TF_VAR_dave: "the first password of dave" };
    const props = { ...REVIEWED, port: ports[0] };
    const deployment = Deployment.of(word, reviewedRegistry(props), { env });
    const registry = new ReviewedRegistry(deployment, env, props, ports);
    await registry.buildImage();
    await deployment.apply();
    return registry;
  }

  private constructor(
    public readonly deployment: Deployment,
    private readonly env: Record<string, string>,
    private props: ReviewedProps,
    private readonly ports: readonly number[],
  ) {}

  public get changes(): PreparedChange[] {
    return preparedChanges(this.deployment.id, this.image, this.ports);
  }

  /** Plans, reads the plan, and applies that plan while a client asks. */
  public async make(prepared: PreparedChange): Promise<Outcome> {
    if (prepared.first !== undefined) {
      this.props = prepared.first(this.props);
      await this.deployment.apply(reviewedRegistry(this.props));
    }
    const { users, ca_certificate: ca } = (await this.deployment.outputs()) as {
      users: { ci: string };
      ca_certificate: string;
    };
    if (prepared.done === "by hand") {
      await execa("docker", ["rm", "--force", `${this.deployment.id}-cache`]);
    }
    if (prepared.done === "another password") {
      this.env.TF_VAR_dave = "the second password of dave";
    }
    const url = `https://localhost:${this.props.port}/v2/`;
    const target = prepared.done === "new environment" ? this.neighbour() : this.deployment;
    const props = prepared.change(this.props);
    const folder = await target.prepare(reviewedRegistry(props));
    const planning = this.planning(folder, prepared);
    const review = await this.review(prepared, planning, target.id);
    const login = { ca, headers: { Authorization: basicAuth("ci", users.ci) } };
    const pulls = new SteadyClient(url, login);
    const uploads = `${url}team/app/blobs/uploads/`;
    const pushes = new SteadyClient(uploads, { ...login, method: "POST", expected: 202, perSecond: 10 });
    try {
      if (prepared.done !== "removed environment" && prepared.severity !== "nothing") {
        await applyPlan(planning);
      }
      // A client that has lost its place goes on losing it.
      await new Promise((resolve) => setTimeout(resolve, 1000));
    } finally {
      await Promise.all([pulls.stop(), pushes.stop()]);
    }
    this.props = target === this.deployment ? props : this.props;
    return { review, pulls: noticedBy(pulls), pushes: noticedBy(pushes) };
  }

  public async cleanUp(): Promise<void> {
    await this.deployment.cleanUp();
    await this.other?.cleanUp();
    await execa("docker", ["rmi", "--force", this.image], { reject: false });
  }

  private async review(prepared: PreparedChange, planning: Planning, environment: string): Promise<EnvironmentReview> {
    const configuration = configurationIn(planning.folder);
    if (prepared.done === "removed environment") {
      return compareSynths({ environment, before: configuration, words: [registryWords] });
    }
    await makePlan(planning);
    return readPlan({ environment, plan: await showPlan(planning), configuration, words: [registryWords] });
  }

  private planning(folder: string, { title }: PreparedChange): Planning {
    const terraform = { command: process.env.TERRAFORM_BINARY_NAME ?? "terraform", env: this.env };
    const file = path.join(this.deployment.directory, `${title.replace(/\W/g, "-")}.tfplan`);
    return { terraform, folder, file };
  }

  private other?: Deployment;

  private neighbour(): Deployment {
    this.other ??= Deployment.of(`${this.deployment.id.split("-")[1]}new`, reviewedRegistry(this.props), {
      env: this.env,
    });
    return this.other;
  }

  /** The registry's image under another id, as a version with fixes has it. */
  private get image(): string {
    return `${this.deployment.id}-registry:3.1.9`;
  }

  private async buildImage(): Promise<void> {
    const input = `FROM ${images.registry.reference}\nLABEL ${this.deployment.id}=fixed\n`;
    await execa("docker", ["build", "--quiet", "--tag", this.image, "-"], { input });
  }
}

function noticedBy({ failures, failingMs, answered }: SteadyClient): Noticed {
  return { failures: failures.map(({ what }) => what), failingMs, answered };
}
