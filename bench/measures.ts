import path from "node:path";
import type { TestImage } from "../testing/clients/images";
import { removeDirectory } from "../testing/machine/scratch";
import { type Contender, Kind } from "./contender";
import { forgetBlobs } from "./contenders";
import { headRate } from "./head-client";
import {
  ACCEPT,
  blobPath,
  crane,
  handshakeRate,
  PREPARED,
  pullBlob,
  pullInParallel,
  pushBlob,
  requestRate,
} from "./load";
import { wholePullRate } from "./whole-pulls";

export interface Blob {
  readonly file: string;
  readonly digest: string;
  readonly size: number;
}

/** What the clients send and get. */
export interface Workload {
  readonly directory: string;
  readonly big: Blob;
  readonly shared: Blob;
  readonly small: Blob;
  readonly image: TestImage;
  readonly imageBytes: number;
  /** As many layers, of 10 kB. */
  readonly smallImage: TestImage;
  /** Clients at a time. */
  readonly clients: number;
  /** How long a rate is measured. */
  readonly seconds: number;
}

/** One thing that is measured in each round on each contender of the given kinds. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  readonly unit: "MB/s" | "1/s";
  readonly kinds: Kind[];
  /** What must be so before the time is taken. */
  readonly before?: (contender: Contender, work: Workload) => Promise<void>;
  /** @returns bytes moved, or what happened in a second */
  readonly run: (contender: Contender, work: Workload, round: number) => Promise<number>;
}

const OPEN = [Kind.HTTP, Kind.TLS];
const MANIFEST = `/v2/bench/${PREPARED}/manifests/1`;
const SMALL_LAYERS = "small-layers";
const pushedInRound = (round: number) => `image-${round}`;

/** Of one big blob. */
function ofBlob(id: string, title: string, move: (contender: Contender, blob: Blob) => Promise<void>): Measure {
  return {
    id,
    title: `${title} of one big blob`,
    unit: "MB/s",
    kinds: OPEN,
    run: async (contender, { big }) => {
      await move(contender, big);
      return big.size;
    },
  };
}

/** Of an image of many layers, by a client that checks what it gets. */
function ofImage(
  id: string,
  title: string,
  repository: (round: number) => string,
  command: (work: Workload) => string[],
): Measure {
  return {
    id,
    title: `${title} of an image of 20 layers`,
    unit: "MB/s",
    kinds: OPEN,
    run: async (contender, work, round) => {
      await crane(contender, work.directory, repository(round), command(work));
      return work.imageBytes;
    },
  };
}

export const MEASURES: Measure[] = [
  {
    ...ofBlob("push", "push", (contender, { file, digest }) => pushBlob(contender, file, digest)),
    before: (contender, { big }) => forgetBlobs(contender, [big.digest]),
  },
  ofBlob("pull", "pull", (contender, { digest, size }) => pullBlob(contender, digest, size)),
  {
    ...ofImage("push-image", "push", pushedInRound, ({ image }) => ["push", image.directory, "IMAGE"]),
    before: (contender, { image }) =>
      forgetBlobs(
        contender,
        image.layers.map(({ digest }) => digest),
      ),
  },
  ofImage(
    "pull-image",
    "pull",
    () => PREPARED,
    ({ directory }) => {
      const target = path.join(directory, "pulled");
      removeDirectory(target);
      return ["pull", "--format=oci", "IMAGE", target];
    },
  ),
  {
    id: "pull-small-image",
    title: "whole pulls of an image of 20 layers of 10 kB",
    unit: "1/s",
    kinds: OPEN,
    run: (contender, { seconds }) => wholePullRate(contender, `bench/${SMALL_LAYERS}`, seconds),
  },
  {
    id: "parallel",
    title: "32 parallel pulls of one blob",
    unit: "MB/s",
    kinds: OPEN,
    run: async (contender, { shared, clients }) => {
      await pullInParallel(contender, shared.digest, shared.size, clients);
      return shared.size * clients;
    },
  },
  {
    id: "manifest-get",
    title: "GET of a manifest",
    unit: "1/s",
    kinds: [Kind.HTTP, Kind.TLS, Kind.USERS],
    run: (contender, work) => requestRate(contender, MANIFEST, work.clients, rateSeconds(contender, work)),
  },
  {
    id: "blob-get",
    title: "GET of a blob of 10 kB",
    unit: "1/s",
    kinds: [Kind.HTTP, Kind.TLS, Kind.USERS],
    run: (contender, work) =>
      requestRate(contender, blobPath(work.small.digest), work.clients, rateSeconds(contender, work)),
  },
  {
    id: "manifest-head",
    title: "HEAD of a manifest",
    unit: "1/s",
    kinds: [Kind.TLS, Kind.USERS],
    run: (contender, work) =>
      headRate(
        `${contender.url}${MANIFEST}`,
        { ...contender.headers, ...ACCEPT },
        work.clients,
        rateSeconds(contender, work),
      ),
  },
  {
    id: "handshakes",
    title: "new TLS connections",
    unit: "1/s",
    kinds: [Kind.TLS],
    run: (contender, { seconds }) => handshakeRate(contender, seconds),
  },
];

/** Everything that the measures expect to be there, and every path warm. */
export async function prepare(contender: Contender, work: Workload): Promise<void> {
  await crane(contender, work.directory, PREPARED, ["push", work.image.directory, "IMAGE"]);
  await crane(contender, work.directory, SMALL_LAYERS, ["push", work.smallImage.directory, "IMAGE"]);
  await pushBlob(contender, work.small.file, work.small.digest);
  if (contender.kind !== Kind.USERS) {
    await pushBlob(contender, work.big.file, work.big.digest);
    await pushBlob(contender, work.shared.file, work.shared.digest);
    await pullBlob(contender, work.shared.digest, work.shared.size);
  }
}

/** A password that is checked by bcrypt at each request makes for a few answers a second. */
function rateSeconds(contender: Contender, work: Workload): number {
  return contender.kind === Kind.USERS ? Math.max(3, work.seconds) : work.seconds;
}
