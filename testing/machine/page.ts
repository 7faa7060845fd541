import { buildPage } from "../../browser/build";

/** What `RegistryBrowser` reads has to be there before a test makes one. */
export default function setup(): void {
  buildPage();
}
