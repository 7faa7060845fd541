import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import type { Environment } from "../environments/environment";
import { graphOf } from "../picture/graph";
import { layout } from "../picture/layout";
import { renderMermaid } from "../picture/mermaid";
import { renderSvg } from "../picture/svg";
import { type Configuration, topologyOf } from "../picture/topology";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude } from "./failure";
import { project } from "./project";

/** Where pictures are kept. */
const FOLDER = join("docs", "pictures", "environments");

/** What an environment is made of, as SVG. */
export async function pictureOf(name: string, environment: Environment): Promise<string> {
  return renderSvg(await layout(graphOf(topology(name, environment))), `The environment ${name}`);
}

function topology(name: string, environment: Environment) {
  return topologyOf(environment.create(new App(), name).toTerraform() as Configuration);
}

/** `npm run picture [-- <environment>] [--mermaid]`: writes docs/pictures/environments/<environment>.svg. */
async function main(): Promise<void> {
  const asText = process.argv.includes("--mermaid");
  const name = await chosenEnvironment(process.argv.slice(2).filter((argument) => argument !== "--mermaid"));
  const environment = await environmentNamed(name);
  if (asText) {
    console.log(renderMermaid(graphOf(topology(name, environment))));
    return;
  }
  const file = join(FOLDER, `${name}.svg`);
  mkdirSync(join(project, FOLDER), { recursive: true });
  writeFileSync(join(project, file), await pictureOf(name, environment));
  console.log(file);
}

if (require.main === module) {
  conclude(main);
}
