/** A step that takes longer than this says every so often that it is still alive. */
const HEARTBEAT_MS = 15_000;

/** Says what a step is doing at the moment. */
export type Progress = (activity: string) => void;

/** Prints what is done and why, then how long it took and what came out of it. */
export async function step(what: string, why: string, work: (progress: Progress) => Promise<string>): Promise<void> {
  console.log(`==> ${what}: ${why}`);
  const started = Date.now();
  let heartbeat: NodeJS.Timeout | undefined;
  const progress = (activity: string) => {
    console.log(`    ... ${activity}`);
    clearInterval(heartbeat);
    const since = Date.now();
    heartbeat = setInterval(() => console.log(`    ... ${activity} (${elapsed(since)})`), HEARTBEAT_MS);
  };
  try {
    const outcome = await work(progress);
    console.log(`    ${elapsed(started)}  ${outcome}`);
  } finally {
    clearInterval(heartbeat);
  }
}

export function elapsed(started: number, now = Date.now()): string {
  const seconds = (now - started) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
