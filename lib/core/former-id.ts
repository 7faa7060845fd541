import { App, Lazy, TerraformElement, TerraformResource, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "./errors";

/**
 * Keeps what a construct deployed when the construct gets another id.
 *
 * Terraform knows resources by addresses that cdktf makes of construct ids: with another id it destroys the old resources,
 * volumes and keys included, and makes new ones. This writes a `moved` block for each of them. Leave it in the code until
 * every environment was deployed with it.
 *
 * Default names are made of ids as well, and another name destroys too: write down those that must stay, such as
 * `volumeName`, as the plan's review shows them.
 *
 * @see https://developer.hashicorp.com/terraform/language/moved
 *
 * @example
 * import { FormerId, RegistryContainer, RegistryStorage } from "cdktf-docker-registry";
 *
 * const storage = RegistryStorage.filesystem({ volumeName: "shop-registry-data" });
 * const registry = new RegistryContainer(stack, "Images", { storage });
 * FormerId.of(registry, "Registry");
 */
export class FormerId {
  /**
   * Tells Terraform that a construct is the one that had another id, so that it keeps its resources.
   *
   * @param construct under its new id
   * @param formerId the id that it had in the same scope
   * @throws when the id is the one that it has, or has a slash
   */
  public static of(construct: Construct, formerId: string): void {
    if (formerId === construct.node.id || formerId === "" || formerId.includes("/")) {
      throw invalidInput({
        where: construct,
        field: "formerId",
        got: formerId,
        expected: "another id than the one of today, without a slash",
        fix: "write the id that the construct had at the last deploy, or remove the line",
      });
    }
    const stack = TerraformStack.of(construct);
    let moves = MOVES.get(stack);
    if (moves === undefined) {
      moves = [];
      MOVES.set(stack, moves);
      // Late: a construct may get more resources after this line.
      const all = moves;
      stack.addOverride("moved", Lazy.anyValue({ produce: () => all.flatMap((one) => movesOf(stack, one)) }));
    }
    moves.push({ construct, formerId });
  }

  private constructor() {}
}

interface Renamed {
  readonly construct: Construct;
  readonly formerId: string;
}

const MOVES = new WeakMap<TerraformStack, Renamed[]>();

function movesOf(stack: TerraformStack, { construct, formerId }: Renamed): { from: string; to: string }[] {
  const at = construct.node.scopes.length - 1;
  return construct.node
    .findAll()
    .filter((part): part is TerraformResource => TerraformResource.isTerraformResource(part))
    .map((resource) => {
      const ids = resource.node.scopes.map(({ node }) => node.id);
      ids[at] = formerId;
      const below = ids.slice(stack.node.scopes.length);
      return {
        from: `${resource.terraformResourceType}.${logicalId(stack.node.id, below)}`,
        to: `${resource.terraformResourceType}.${resource.friendlyUniqueId}`,
      };
    });
}

/** As cdktf makes it: asked of a stack of that name with constructs of those ids. */
function logicalId(stackName: string, ids: readonly string[]): string {
  const stack = new TerraformStack(new App(), stackName);
  const scope = ids.slice(0, -1).reduce<Construct>((above, id) => new Construct(above, id), stack);
  return stack.getLogicalId(new TerraformElement(scope, ids[ids.length - 1]));
}
