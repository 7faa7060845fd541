import { setTimeout } from "node:timers/promises";
import execa from "execa";
import { eventually } from "../testing/machine/eventually";
import type { Contender } from "./contender";
import type { Measure, Workload } from "./measures";

/** What one measure gave on one contender in one round. */
export interface Sample {
  readonly measure: string;
  readonly contender: string;
  readonly round: number;
  /** In the measure's unit. */
  readonly value: number;
  /** Of all its servers. */
  readonly cpuSeconds: number;
  /** What was answered; 0 where bytes are counted. */
  readonly answers: number;
  /** Bytes that clients got or sent; 0 for rates. */
  readonly bytes: number;
  /** Written to a disk by the container that clients talk to. */
  readonly proxyDiskBytes: number;
  /** The most memory of the container that clients talk to, without the page cache. */
  readonly proxyMemory: number;
  /** The same of all its servers together. */
  readonly serverMemory: number;
}

/** Round by round, each measure on one contender after the other, each round beginning with another one. */
export async function measureRounds(
  measures: Measure[],
  contenders: Contender[],
  work: Workload,
  rounds: number,
  progress: (step: string, done: number, total: number) => void,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const steps = measures.flatMap((measure) => contenders.filter(({ kind }) => measure.kinds.includes(kind))).length;
  for (let round = 1; round <= rounds; round++) {
    for (const measure of measures) {
      const taking = contenders.filter(({ kind }) => measure.kinds.includes(kind));
      for (const contender of [...taking.slice(round % taking.length), ...taking.slice(0, round % taking.length)]) {
        progress(`round ${round}: ${measure.title}, ${contender.name}`, samples.length, steps * rounds);
        samples.push(await sample(measure, contender, work, round));
      }
    }
  }
  return samples;
}

async function sample(measure: Measure, contender: Contender, work: Workload, round: number): Promise<Sample> {
  contender.headers = (await contender.renew?.()) ?? contender.headers;
  await measure.before?.(contender, work);
  // What others left to be written must not be this one's to wait for.
  await execa("sync");
  const peak = watchMemory(contender);
  const cpu = () => contender.servers.reduce((sum, server) => sum + server.cpuSeconds(), 0);
  const [cpuBefore, diskBefore, start] = [cpu(), contender.front.diskBytesWritten(), process.hrtime.bigint()];
  const result = await measure.run(contender, work, round);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const cpuSeconds = cpu() - cpuBefore;
  const isRate = measure.unit === "1/s";
  if (isRate) {
    await eventually(() => assertAtRest(cpu), 10000);
  }
  return {
    measure: measure.id,
    contender: contender.name,
    round,
    value: isRate ? result : result / 1e6 / seconds,
    cpuSeconds,
    answers: isRate ? result * seconds : 0,
    bytes: isRate ? 0 : result,
    proxyDiskBytes: contender.front.diskBytesWritten() - diskBefore,
    ...peak(),
  };
}

/** A server goes on with what clients asked that have gone: 32 passwords keep bcrypt busy while the next is measured. */
async function assertAtRest(cpuSeconds: () => number): Promise<void> {
  const before = cpuSeconds();
  await setTimeout(100);
  const share = (cpuSeconds() - before) / 0.1;
  if (share > 0.2) {
    throw new Error(`the servers still take ${share.toFixed(1)} of a core after the last request`);
  }
}

function watchMemory(contender: Contender): () => { proxyMemory: number; serverMemory: number } {
  let [proxyMemory, serverMemory] = [0, 0];
  const look = () => {
    proxyMemory = Math.max(proxyMemory, contender.front.memory());
    serverMemory = Math.max(
      serverMemory,
      contender.servers.reduce((sum, server) => sum + server.memory(), 0),
    );
  };
  look();
  const timer = setInterval(look, 100);
  return () => {
    clearInterval(timer);
    look();
    return { proxyMemory, serverMemory };
  };
}
