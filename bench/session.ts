import fs from "node:fs";
import path from "node:path";
import { digestOf, MiB, randomBytes, TestImage } from "../testing/clients/images";
import { removeDirectory, runName, scratchDirectory } from "../testing/machine/scratch";
import { chart } from "./chart";
import { Contenders } from "./contenders";
import { cdktfSynth, type DeployTimes, deployOnce, synthProcess } from "./deploying";
import { type Blob, MEASURES, prepare, type Workload } from "./measures";
import { parseOptions } from "./options";
import { goals, type Results, reference, table } from "./report";
import { measureRounds } from "./rounds";

/** What {@link main} of main.ts starts in the engine's network namespace: everything that is measured happens here. */
async function main(): Promise<void> {
  const { quick, rounds, only, chart: drawsChart } = parseOptions(process.argv.slice(2));
  const measures = MEASURES.filter(({ id }) => only?.includes(id) ?? true);
  const directory = scratchDirectory(runName("benchwork"));
  const contenders = new Contenders(directory);
  let stopping: Promise<void> | undefined;
  // Once, though an interruption and the failure that it causes both ask for it.
  const stop = () => {
    stopping ??= contenders.stop().finally(() => removeDirectory(directory));
    return stopping;
  };
  process.once("SIGINT", () => {
    // A terminal sends it to both processes, and main.ts then sends it once more.
    process.on("SIGINT", () => undefined);
    void stop().finally(() => process.exit(130));
  });
  try {
    say("making blobs");
    const work = await makeWorkload(directory, quick);
    const taking = await contenders.start((name) => say(`deploying ${name}`));
    for (const contender of taking) {
      say(`warming up ${contender.name}`);
      await prepare(contender, work);
    }
    const samples = await measureRounds(measures, taking, work, rounds, (step, done, total) =>
      say(`${Math.round((100 * done) / total)} % ${step}`),
    );
    const deploys: DeployTimes[] = [];
    const synths = { one: [] as number[], fifty: [] as number[], cdktf: [] as number[] };
    if (only?.includes("deploy") ?? true) {
      for (let round = 1; round <= rounds; round++) {
        say(`round ${round}: deploying by hand and by Terraform`);
        deploys.push(await deployOnce(directory, round));
        synths.one.push(await synthProcess(directory, 1));
        synths.fifty.push(await synthProcess(directory, 50));
        synths.cdktf.push(await cdktfSynth(directory));
      }
    }
    say("");
    report({
      rounds,
      sizes: { bigBlob: work.big.size, sharedBlob: work.shared.size, image: work.imageBytes },
      contenders: taking.map(reference),
      samples,
      deploys,
      synths,
    });
  } finally {
    await stop();
  }

  function report(results: Results): void {
    const folder = path.join(__dirname, "results");
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${new Date().toISOString().replace(/[:.]/g, "-")}.json`);
    fs.writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
    process.stdout.write(`${table(results, measures)}\n\n`);
    if (only === undefined) {
      for (const { text, isMet } of goals(results)) {
        process.stdout.write(`${isMet ? "met    " : "NOT MET"} ${text}\n`);
      }
    }
    process.stdout.write(`\n${path.relative(process.cwd(), file)}\n`);
    if (drawsChart) {
      fs.writeFileSync(path.join(__dirname, "chart.svg"), chart(results));
    }
  }
}

async function makeWorkload(directory: string, quick: boolean): Promise<Workload> {
  const layers = Array.from({ length: 20 }, () => (quick ? 2 : 8) * MiB);
  const image = await TestImage.create(path.join(directory, "image"), { layers });
  return {
    directory,
    big: await makeBlob(directory, "big", (quick ? 128 : 512) * MiB),
    shared: await makeBlob(directory, "shared", (quick ? 16 : 64) * MiB),
    small: await makeBlob(directory, "small", 10_000),
    image,
    smallImage: await TestImage.create(path.join(directory, "small-image"), { layers: Array(20).fill(10_000) }),
    imageBytes: image.layers.reduce((sum, { size }) => sum + size, 0),
    clients: 32,
    seconds: quick ? 1 : 2,
  };
}

async function makeBlob(directory: string, name: string, size: number): Promise<Blob> {
  const file = path.join(directory, `${name}.blob`);
  const stream = fs.createWriteStream(file);
  for (const chunk of randomBytes(name, size)) {
    if (!stream.write(chunk)) {
      await new Promise<void>((resolve) => stream.once("drain", resolve));
    }
  }
  await new Promise<void>((resolve) => stream.end(resolve));
  return { file, digest: await digestOf(file), size };
}

/** One line that is written over on a terminal, a line each in a log. */
function say(step: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[2K${step}`);
  } else if (step !== "") {
    process.stderr.write(`${step}\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
