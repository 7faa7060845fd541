import type { Change, EnvironmentReview, Review } from "./change";

/** A line of a policy file: `<environment>: <construct path> <action>`; `#` begins a remark. */
interface Permission {
  readonly line: string;
  readonly environment: string;
  readonly path: string;
  readonly action: string;
}

/** What may happen though it is dangerous, as somebody wrote it down for everybody to see. */
export class Policy {
  public static parse(text: string): Policy {
    const lines = text.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim());
    return new Policy(
      lines
        .filter((line) => line !== "")
        .map((line) => {
          const [, environment, path, action] = /^(\S+):\s+(\S+)\s+(\w+)$/.exec(line) ?? [];
          if (environment === undefined) {
            throw new Error(
              `"${line}" allows nothing. Fix: write it as <environment>: <construct> <action>, such as "production: Registry/Data destroy"`,
            );
          }
          return { line, environment, path, action };
        }),
    );
  }

  private constructor(private readonly permissions: readonly Permission[]) {}

  /** Marks what is allowed, and tells what is not needed any more: a permission that stays allows the next accident. */
  public apply(environments: readonly EnvironmentReview[]): Review {
    const used = new Set<string>();
    const allowed = environments.map((review) => ({
      ...review,
      changes: review.changes.map((change) => this.allow(review.environment, change, used)),
    }));
    return {
      environments: allowed,
      unusedPermissions: this.permissions.map(({ line }) => line).filter((line) => !used.has(line)),
    };
  }

  private allow(environment: string, change: Change, used: Set<string>): Change {
    // Two texts do not tell whether a change replaces or updates.
    const isAllowed = (action: string) => action === change.action || change.action === "change";
    const permission = this.permissions.find(
      (one) => one.environment === environment && one.path === change.path && isAllowed(one.action),
    );
    if (permission === undefined || change.severity !== "danger") {
      return change;
    }
    used.add(permission.line);
    return { ...change, allowedBy: permission.line };
  }
}

/** The line that would allow a change. */
export const permissionFor = (environment: string, { path, action }: Change): string =>
  `${environment}: ${path} ${action}`;

/** 0: nothing changes; 1: something could not be read; 2: something changes; 3: something dangerous does, and nobody allowed it. */
export function exitCode({ environments }: Review): 0 | 1 | 2 | 3 {
  if (environments.some(({ error }) => error !== undefined)) {
    return 1;
  }
  const changes = environments.flatMap((one) => one.changes);
  if (changes.some(({ severity, allowedBy }) => severity === "danger" && allowedBy === undefined)) {
    return 3;
  }
  const some = environments.some(
    (one) => one.changes.length + one.outputs.length + one.findings.length + one.drift.length > 0,
  );
  return some ? 2 : 0;
}
