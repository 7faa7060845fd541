import { App, Testing } from "cdktf";
import { shipped } from "../../../environments/shipped";
import { variants } from "./variants";

/** The Terraform configuration of every stack and environment of this repository, by name. */
export function allSynths(): Record<string, string> {
  const stacks = Object.entries(variants).map(([name, create]) => [name, create(new App())] as const);
  const environments = Object.entries(shipped).map(
    ([name, environment]) => [`environment ${name}`, environment.create(new App(), name)] as const,
  );
  return Object.fromEntries([...stacks, ...environments].map(([name, stack]) => [name, Testing.synth(stack, true)]));
}
