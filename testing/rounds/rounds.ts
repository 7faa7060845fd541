import path from "node:path";
import { Crane, Skopeo } from "../clients/clients";
import { TestImage } from "../clients/images";
import { Pusher } from "../clients/pusher";
import { Ledger } from "./ledger";
import { CommandWorker, HttpWorker, type Worker } from "./workers";

/** What became of a number of rounds. */
export interface RoundsResult {
  /** Images that a client was told are there. */
  readonly acknowledged: number;
  readonly deleted: number;
  /** Pushes that failed and were repeated. */
  readonly repeated: number;
  /** Pushes that failed each time. */
  readonly failed: string[];
  /** What was wrong with an image that a client had been told is there. */
  readonly lost: string[];
}

/**
 * Four clients push, overwrite, delete and push again, images of which much is the same, while garbage is collected; after
 * each round every image that was acknowledged is pulled and compared.
 *
 * @param host `localhost:port`
 * @param directory for images
 * @param collect collects garbage once
 */
export async function runRounds(
  host: string,
  directory: string,
  count: number,
  collect: (round: number) => Promise<unknown>,
): Promise<RoundsResult> {
  const ledger = new Ledger();
  const pusher = new Pusher(`http://${host}/v2`);
  const images = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      TestImage.create(path.join(directory, `pool-${i}`), { layers: [2000, 3000, 4000], seed: `pool ${i}` }),
    ),
  );
  const crane = new Crane(directory);
  const skopeo = new Skopeo(directory);
  const workers: Worker[] = [
    new HttpWorker(ledger, pusher, "http/one", 1),
    new HttpWorker(ledger, pusher, "http/two", 2),
    new CommandWorker(ledger, pusher, "clients/crane", 3, images, (image, name) =>
      crane.push(image.directory, `${host}/${name}`),
    ),
    new CommandWorker(ledger, pusher, "clients/skopeo", 4, images, (image, name) =>
      skopeo.push(image.directory, `${host}/${name}`),
    ),
  ];
  const lost = new Set<string>();
  for (let round = 0; round < count; round++) {
    let isOver = false;
    const collecting = collect(round).finally(() => {
      isOver = true;
    });
    await Promise.all([collecting, ...workers.map((worker) => worker.workUntil(() => isOver))]);
    for (const fault of await ledger.faults(pusher)) {
      lost.add(`round ${round}: ${fault}`);
    }
  }
  return { ...ledger.counts, failed: ledger.failed, lost: [...lost] };
}
