import type { Action, Finding, TextChange } from "../model/change";
import type { Resource } from "../model/resources";

/** Resources that are one thing to a reader. */
export interface Group {
  readonly path: string;
  readonly members: readonly Resource[];
  readonly texts: readonly TextChange[];
}

/** All resources of an environment, those that nothing happens to included. */
export interface Context {
  readonly environment: string;
  readonly resources: readonly Resource[];
}

/** What is known of some kinds of resources: how they belong together, and what somebody will notice. */
export interface Words {
  /** The path of the construct that a reader knows the resource by; not set where it stands for itself. */
  groupOf?(resource: Resource, context: Context): string | undefined;

  /** What happens to a group, where that is not what happens to its main resource. */
  actionOf?(group: Group): Action | undefined;

  /** Texts that hold no secrets by their making, before and after; and names of secret ones that are other ones. */
  textsOf?(resource: Resource): readonly ShownText[];

  /** Arguments that the texts tell better. */
  hiddenArguments?(resource: Resource): readonly string[];

  /** What somebody will notice; not set where nothing is known, so that the next words are asked. */
  findings?(group: Group, context: Context): readonly Finding[] | undefined;
}

export interface ShownText {
  readonly name: string;
  /** Not set: it holds secrets, and is another one. */
  readonly before?: string;
  readonly after?: string;
}
