import fs from "node:fs";
import path from "node:path";
import { images } from "../../environments/images";
import { repository } from "../machine/checkout";

/** What a test changes in a program of examples/: nothing that a team would write. */
export interface Changed {
  /** Instead of the stack's name, which every container, network and volume carries. */
  readonly id: string;
  /** Instead of the endpoint's. */
  readonly port: number;
}

/** Images of this machine, and data that may go. */
const TYPESCRIPT = `
  protectData: false,
  registryOptions: { image: RegistryImage.of(${JSON.stringify(images.registry.reference)}, ${images.registry.majorVersion}) },
  proxyOptions: { image: ContainerImage.of(${JSON.stringify(images.nginx.reference)}) },
  redisOptions: { image: ContainerImage.of(${JSON.stringify(images.redis.reference)}) },`;

const PYTHON = `
    protect_data=False,
    registry_options={"image": RegistryImage.of("${images.registry.reference}", ${images.registry.majorVersion})},
    proxy_options={"image": ContainerImage.of("${images.nginx.reference}")},
    redis_options={"image": ContainerImage.of("${images.redis.reference}")},`;

export function typescriptProgram({ id, port }: Changed): string {
  return replaceAll(read("typescript/main.ts"), [
    ['"registry"', JSON.stringify(id)],
    ["port: 5443", `port: ${port}`],
    ["redisCache: true,", `redisCache: true,${TYPESCRIPT}`],
    ["import { Access,", "import { Access, ContainerImage, RegistryImage,"],
  ]);
}

export function pythonProgram({ id, port }: Changed): string {
  return replaceAll(read("python/main.py"), [
    ['"registry"', JSON.stringify(id)],
    ["port=5443", `port=${port}`],
    ["redis_cache=True,", `redis_cache=True,${PYTHON}`],
    ["import Access,", "import Access, ContainerImage, RegistryImage,"],
  ]);
}

function read(file: string): string {
  return fs.readFileSync(path.join(repository, "examples", file), "utf8");
}

/** An example that was changed so that nothing is replaced any more would be deployed under names of its own. */
function replaceAll(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((result, [from, to]) => {
    if (!result.includes(from)) {
      throw new Error(`the example has no ${from} any more`);
    }
    return result.replace(from, to);
  }, text);
}
