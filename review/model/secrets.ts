import type { ConfigurationJson, ModuleValuesJson, PlanJson, StateValuesJson, ValueChangeJson } from "./plan-json";

export const SECRET = "(secret)";

/** Names of arguments whose values are not shown, whatever a provider says of them. */
const SECRET_NAME =
  /pass(word|wd|phrase)?$|password|secret|token|credential|private|api_?key|authorization|bcrypt|cookie|^env$|content|^output$|user_data/i;

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** A mark is `true`, or a tree of marks; anything else is none that is known, and counts as `true`. */
export function isMarked(mark: unknown): boolean {
  return mark === true || (mark !== undefined && mark !== null && mark !== false && typeof mark !== "object");
}

/** The mark of a part of a value. */
export function markOf(mark: unknown, key: string | number): unknown {
  if (isMarked(mark)) {
    return true;
  }
  return typeof mark === "object" && mark !== null ? (mark as Record<string | number, unknown>)[key] : undefined;
}

/** Whether a value or any part of it is a secret. */
export function hasMark(mark: unknown): boolean {
  return isMarked(mark) || (typeof mark === "object" && mark !== null && Object.values(mark).some(hasMark));
}

// Shorter ones are words of any text; they are only hidden where they are marked.
const SHORTEST = 6;
const SHORTEST_LINE = 24;

/**
 * Texts that must be in no report: every value that Terraform marks as secret anywhere in a plan, wherever a copy of it is.
 * Marks do not follow a value through each provider, so that a copy may have lost its own.
 */
export class Secrets {
  private readonly texts = new Set<string>();

  public static ofPlan(plan: PlanJson): Secrets {
    const secrets = new Secrets();
    const declared = plan.configuration?.root_module?.variables ?? {};
    for (const [name, { value }] of Object.entries(plan.variables ?? {})) {
      // One whose declaration is not there counts as secret.
      if (declared[name]?.sensitive !== false && (declared[name] === undefined || declared[name].sensitive)) {
        secrets.add(value);
      }
    }
    const resources = [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])].map(({ change }) => change);
    for (const change of resources) {
      secrets.addMarked(change.before, change.before_sensitive);
      secrets.addMarked(change.after, change.after_sensitive);
    }
    for (const change of Object.values(plan.output_changes ?? {})) {
      secrets.addOutput(change);
    }
    for (const values of [plan.prior_state?.values, plan.planned_values]) {
      secrets.addState(values);
    }
    return secrets;
  }

  /** A synth knows no values, but what is written in the code. */
  public static ofConfigurations(configurations: readonly ConfigurationJson[]): Secrets {
    const secrets = new Secrets();
    for (const configuration of configurations) {
      for (const variable of Object.values(configuration.variable ?? {})) {
        if (variable.sensitive) {
          secrets.add(variable.default);
        }
      }
      // Also within a longer expression; quotes in such a text are escaped as in JSON.
      const literals = JSON.stringify(configuration).matchAll(/sensitive\(\\"((?:[^"\\]|\\\\.)*)\\"\)/g);
      for (const [, literal] of literals) {
        secrets.add(literal.replace(/\\\\\\"/g, '"').replace(/\\\\/g, "\\"));
      }
    }
    return secrets;
  }

  /** A text without the secrets in it. */
  public scrub(text: string): string {
    let clean = text;
    for (const secret of this.longestFirst()) {
      clean = clean.split(secret).join(SECRET);
    }
    return clean;
  }

  /** All texts of a value without the secrets in them. */
  public scrubAll<T>(value: T): T {
    if (typeof value === "string") {
      return this.scrub(value) as T;
    }
    if (Array.isArray(value)) {
      return value.map((part) => this.scrubAll(part)) as T;
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, part]) => [this.scrub(key), this.scrubAll(part)]),
      ) as T;
    }
    return value;
  }

  private sorted?: readonly string[];

  private longestFirst(): readonly string[] {
    this.sorted ??= [...this.texts].sort((a, b) => b.length - a.length);
    return this.sorted;
  }

  private add(value: unknown): void {
    if (typeof value === "string") {
      const lines = value.split("\n");
      const parts = lines.length > 1 ? lines.filter((line) => line.length >= SHORTEST_LINE) : [];
      for (const text of [value, value.trim(), ...parts]) {
        if (text.length >= SHORTEST) {
          this.texts.add(text);
          this.texts.add(JSON.stringify(text).slice(1, -1));
        }
      }
    } else if (typeof value === "object" && value !== null) {
      Object.values(value).forEach((part) => {
        this.add(part);
      });
    }
  }

  /**
   * What is marked by itself. A block that is marked as a whole says nothing of its parts: one secret file of a container
   * marks all files, and their texts without secrets are what a review shows.
   */
  private addMarked(value: unknown, mark: unknown): void {
    if (isMarked(mark) && typeof value === "string") {
      this.add(value);
    } else if (typeof value === "object" && value !== null && typeof mark === "object" && mark !== null) {
      for (const [key, part] of Object.entries(value)) {
        this.addMarked(part, (mark as Record<string, unknown>)[key]);
      }
    }
  }

  private addOutput(change: ValueChangeJson): void {
    for (const [value, mark] of [
      [change.before, change.before_sensitive],
      [change.after, change.after_sensitive],
    ]) {
      if (isMarked(mark)) {
        this.add(value);
      } else {
        this.addMarked(value, mark);
      }
    }
  }

  private addState(values: StateValuesJson | undefined): void {
    for (const { sensitive, value } of Object.values(values?.outputs ?? {})) {
      if (sensitive) {
        this.add(value);
      }
    }
    const visit = (module: ModuleValuesJson | undefined): void => {
      module?.resources?.forEach((resource) => {
        this.addMarked(resource.values, resource.sensitive_values);
      });
      module?.child_modules?.forEach(visit);
    };
    visit(values?.root_module);
  }
}
