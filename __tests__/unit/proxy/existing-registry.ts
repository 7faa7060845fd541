import { Construct } from "constructs";
import type { IRegistry, RegistryUpstream } from "../../../lib";

/** A registry that somebody else runs: all that a proxy knows of it. */
export class ExistingRegistry extends Construct implements IRegistry {
  public readonly pullOnly = false;
  constructor(
    scope: Construct,
    public readonly upstream: RegistryUpstream,
    id = "Registry",
  ) {
    super(scope, id);
  }
}
