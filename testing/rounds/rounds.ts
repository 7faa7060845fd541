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

/** By which clients reach a registry. */
export interface Entrance {
  readonly pusher: Pusher;
  readonly crane: Crane;
  readonly skopeo: Skopeo;
  /** As `crane` and `skopeo` name it. */
  readonly host: string;
}

/** @param directory for the clients */
export function openEntrance(host: string, directory: string): Entrance {
  return { host, pusher: new Pusher(`http://${host}/v2`), crane: new Crane(directory), skopeo: new Skopeo(directory) };
}

/**
 * Four clients push, overwrite, delete and push again, images of which much is the same, while garbage is collected; after
 * each round every image that was acknowledged is pulled and compared.
 *
 * @param entrances of one registry; half of the clients take the last one, by which images are compared too
 * @param directory for images
 * @param collect collects garbage once
 */
export async function runRounds(
  entrances: Entrance[],
  directory: string,
  count: number,
  collect: (round: number) => Promise<unknown>,
): Promise<RoundsResult> {
  const ledger = new Ledger();
  const [one, other] = [entrances[0], entrances[entrances.length - 1]];
  const images = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      TestImage.create(path.join(directory, `pool-${i}`), { layers: [2000, 3000, 4000], seed: `pool ${i}` }),
    ),
  );
  const workers: Worker[] = [
    new HttpWorker(ledger, one.pusher, "http/one", 1),
    new HttpWorker(ledger, other.pusher, "http/two", 2),
    new CommandWorker(ledger, one.pusher, "clients/crane", 3, images, (image, name) =>
      one.crane.push(image.directory, `${one.host}/${name}`),
    ),
    new CommandWorker(ledger, other.pusher, "clients/skopeo", 4, images, (image, name) =>
      other.skopeo.push(image.directory, `${other.host}/${name}`),
    ),
  ];
  const lost = new Set<string>();
  for (let round = 0; round < count; round++) {
    let isOver = false;
    const collecting = collect(round).finally(() => {
      isOver = true;
    });
    await Promise.all([collecting, ...workers.map((worker) => worker.workUntil(() => isOver))]);
    for (const fault of await ledger.faults(other.pusher)) {
      lost.add(`round ${round}: ${fault}`);
    }
  }
  return { ...ledger.counts, failed: ledger.failed, lost: [...lost] };
}
