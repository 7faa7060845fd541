import { TerraformStack, Token } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "./errors";

// Docker's own rule for containers and volumes; it needs two characters at least.
const DOCKER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

// RFC 1035, 2.3.4.
const LONGEST_LABEL = 63;

/** cdktf leaves it out of addresses, and so do names: whoever wraps a construct under it renames nothing. */
const HIDDEN_ID = "Default";

/** `<stack>-<id>-<id>`, as the ids are written. */
export function qualifiedName(scope: IConstruct): string {
  const stack = TerraformStack.of(scope);
  const ids = scope.node.scopes.slice(scope.node.scopes.indexOf(stack)).map((part) => part.node.id);
  return ids.filter((id) => id !== HIDDEN_ID).join("-");
}

/** The same in kebab case: two stacks on one engine never meet, and `docker ps` tells whose it is. */
export function defaultName(scope: IConstruct): string {
  return kebab(qualifiedName(scope));
}

export function requireDockerName(scope: IConstruct, field: string, name: string | undefined): void {
  if (name === undefined || Token.isUnresolved(name) || DOCKER_NAME.test(name)) {
    return;
  }
  throw invalidInput({
    where: scope,
    field,
    got: name,
    expected: "at least two characters, the first a letter or digit, the rest letters, digits, _ . or -",
    fix: `write a name such as "${defaultName(scope)}", or leave it out to get that one`,
  });
}

/** A name that others look up in the engine's DNS, which limits labels to 63 characters: a longer one is never found. */
export function requireHostName(scope: IConstruct, field: string, name: string): void {
  if (Token.isUnresolved(name) || name.split(".").every((label) => label.length <= LONGEST_LABEL)) {
    return;
  }
  throw invalidInput({
    where: scope,
    field,
    got: name,
    expected: `at most ${LONGEST_LABEL} characters, since it is looked up in the engine's DNS`,
    fix: "write a shorter containerName, or give shorter ids to the stack and its constructs",
  });
}

function kebab(id: string): string {
  return id
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/[^a-zA-Z0-9_.-]+/g, "-")
    .toLowerCase();
}
