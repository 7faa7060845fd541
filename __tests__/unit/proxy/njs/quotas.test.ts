import fs from "node:fs";
import path from "node:path";
import ledger from "../../../../lib/proxy/njs/quota-ledger";
import quotas from "../../../../lib/proxy/njs/quotas";
import request from "../../../../lib/proxy/njs/request";
import { removeDirectory, runName, scratchDirectory } from "../../../../testing/machine/scratch";

const MiB = 1024 * 1024;
const SMALL = { repositories: "small/**", maxMiB: 20 };
const BOTH = { repositories: "**/both", maxMiB: 10, maxTags: 2 };

/** What workers share, as nginx has it. */
class Memory extends Map<string, number> {
  public incr(key: string, by: number, first: number): number {
    const next = (this.get(key) ?? first) + by;
    this.set(key, next);
    return next;
  }
}

const memoryOf = () => {
  const memory = new Memory();
  return Object.assign(memory, { keys: () => [...Map.prototype.keys.call(memory)] });
};

describe("what a quota has left", () => {
  const counted = (number: number, mib: number, tags = 0) => ({
    number,
    used: { "small/**": { bytes: mib * MiB, tags }, "**/both": { bytes: mib * MiB, tags } },
  });
  const alive = () => true;
  const layer = (mib: number, quota = SMALL) => [{ quota, bytes: mib * MiB, tags: 0 }];

  test("is what has been counted, and what others are pushing", () => {
    const memory = memoryOf();
    expect(ledger.keep(memory, counted(1, 10), layer(6), 7, alive)).toEqual({
      kept: [["small/**", "bytes", 6 * MiB]],
      refusal: undefined,
    });
    const { kept, refusal } = ledger.keep(memory, counted(1, 10), layer(6), 8, alive);
    expect(refusal).toMatchObject({ unit: "bytes", used: 10 * MiB, pending: 6 * MiB, isSure: false });
    expect(quotas.sentenceOf(refusal)).toBe(
      "the quota of small/** is 20 MiB: 10.0 MiB are used, 6.0 MiB are being pushed, and this needs 6.0 MiB more: delete images there, whose room comes back with the next garbage collection, or ask for more",
    );
    expect(kept).toHaveLength(1);
    // What was refused keeps nothing.
    expect(ledger.keep(memory, counted(1, 10), layer(4), 8, alive).refusal).toBeUndefined();
  });

  test("holds what has ended until a count has begun after it", () => {
    const memory = memoryOf();
    const { kept } = ledger.keep(memory, counted(1, 0), layer(15), 7, alive);
    // The second count is in progress.
    ledger.settle(memory, kept, 7, 2, 1);
    for (const number of [1, 2]) {
      expect(ledger.keep(memory, counted(number, 0), layer(6), 7, alive).refusal).toBeDefined();
    }
    expect(ledger.keep(memory, counted(3, 0), layer(6), 7, alive).refusal).toBeUndefined();
  });

  test("is surely too little only by what has been counted: others may be counted twice", () => {
    const memory = memoryOf();
    ledger.keep(memory, counted(1, 10), layer(6), 7, alive);
    // The last one has been found in the files, and is still in progress.
    expect(ledger.keep(memory, counted(2, 16), layer(4), 8, alive).refusal?.isSure).toBe(false);
    const { refusal } = ledger.keep(memory, counted(2, 16), layer(5), 8, alive);
    expect(refusal).toMatchObject({ used: 16 * MiB, isSure: true });
    expect(quotas.sentenceOf(refusal)).toContain("is 20 MiB: 16.0 MiB are used, and this needs 5.0 MiB more");
    const tag = [{ quota: BOTH, bytes: 0, tags: 1 }];
    ledger.keep(memory, counted(1, 0, 1), tag, 7, alive);
    const tags = ledger.keep(memory, counted(1, 0, 1), tag, 7, alive).refusal;
    expect(quotas.sentenceOf(tags)).toContain("is 2 tags, and 2 are there or being pushed: delete some");
  });

  test("is not held by a worker that was killed, and old notes go", () => {
    const memory = memoryOf();
    const { kept } = ledger.keep(memory, counted(1, 0), layer(15), 7, alive);
    expect(
      ledger.keep(memory, counted(1, 0), layer(15), 8, (worker: string) => worker !== "7").refusal,
    ).toBeUndefined();
    expect([...memory.keys()].join()).not.toContain(" 7");
    ledger.settle(memory, kept, 8, 1, 1);
    ledger.settle(memory, kept, 8, 5, 5);
    expect([...memory.keys()].filter((key) => key.startsWith("ended"))).toEqual(["ended small/** bytes 5"]);
  });

  test("counts in each quota, and is kept in none where one is full", () => {
    const memory = memoryOf();
    const needs = [SMALL, BOTH].map((quota) => ({ quota, bytes: 12 * MiB, tags: 1 }));
    expect(ledger.keep(memory, counted(1, 0), needs, 7, alive).refusal).toMatchObject({ need: { quota: BOTH } });
    expect(ledger.keep(memory, counted(1, 0), layer(20), 7, alive).refusal).toBeUndefined();
  });

  test("is asked for by tags too, and by an upload that begins when there is none", () => {
    const memory = memoryOf();
    const tag = [{ quota: BOTH, bytes: 10, tags: 1 }];
    const { refusal } = ledger.keep(memory, counted(1, 0, 2), tag, 7, alive);
    expect(quotas.sentenceOf(refusal)).toBe(
      "the quota of **/both is 2 tags, and 2 are there: delete some, or ask for more",
    );
    const start = [{ quota: SMALL, bytes: 1, tags: 0, isStart: true }];
    expect(ledger.keep(memory, counted(1, 19), start, 7, alive)).toEqual({ kept: [], refusal: undefined });
    const full = ledger.keep(memory, counted(1, 20), start, 7, alive).refusal;
    expect(quotas.sentenceOf(full)).toContain("is 20 MiB: 20.0 MiB are used: delete");
  });
});

describe("what a push adds", () => {
  const hex = "ab".repeat(32);
  const upload = "01a22ed4-c1b8-7e26-b095-4b203d0a2dd1";
  let root: string;
  const write = (name: string, bytes: number) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), Buffer.alloc(bytes));
  };
  const needs = (method: string, address: string, sent = {}) => {
    const [where, args] = address.split("?");
    const asked = { ...request.asked(method, where, where), upload: where.split("/").pop() };
    return quotas
      .needsOf(fs, root, [SMALL, BOTH], asked, { method, args, length: "", isChunked: false, ...sent })
      ?.map(({ bytes, tags, isStart }: { bytes: number; tags: number; isStart?: boolean }) => [bytes, tags, isStart]);
  };

  beforeAll(() => {
    root = scratchDirectory(runName("quotas"));
    write(`blobs/sha256/ab/${hex}/data`, 1000);
    write(`repositories/other/_layers/sha256/${hex}/link`, 71);
    write(`repositories/small/x/_layers/sha256/${hex}/link`, 71);
    write(`repositories/small/both/_uploads/${upload}/data`, 500);
    write("repositories/small/both/_manifests/tags/v1/current/link", 71);
  });
  afterAll(() => removeDirectory(root));

  test.each([
    ["what was uploaded before", "PUT", `/v2/small/both/blobs/uploads/${upload}?digest=x`, { length: "0" }, [500, 0]],
    ["what comes with it", "PUT", `/v2/small/both/blobs/uploads/${upload}?digest=x`, { length: "20" }, [520, 0]],
    ["a manifest and its tag", "PUT", "/v2/small/both/manifests/v2", { length: "30" }, [30, 1]],
    ["a manifest of a tag that moves", "PUT", "/v2/small/both/manifests/v1", { length: "30" }, [30, 0]],
    ["a manifest without a tag", "PUT", `/v2/small/both/manifests/sha256:${hex}`, { length: "30" }, [30, 0]],
    ["a manifest of unknown size", "PUT", "/v2/small/both/manifests/v1", { isChunked: true }, [4 * MiB, 0]],
    ["a mounted blob", "POST", `/v2/small/both/blobs/uploads/?mount=sha256%3A${hex}&from=other`, {}, [1000, 0]],
    ["nothing yet", "POST", "/v2/small/both/blobs/uploads/", {}, [1, 0, true]],
    [
      "nothing yet, as it cannot be mounted",
      "POST",
      `/v2/small/both/blobs/uploads/?mount=sha256:${hex}&from=none`,
      {},
      [1, 0, true],
    ],
  ])("is %s", (_, method, address, sent, expected) => {
    const [bytes, tags, isStart] = expected;
    expect(needs(method as string, address as string, sent as object)).toEqual(
      [0, 1].map(() => [bytes, tags, isStart]),
    );
  });

  test("is a mounted blob only for quotas that do not have it", () => {
    expect(needs("POST", `/v2/small/both/blobs/uploads/?mount=sha256:${hex}&from=small/x`)).toEqual([
      [1000, 0, undefined],
    ]);
  });

  test("cannot be known of an upload without its length", () => {
    expect(needs("PUT", `/v2/small/both/blobs/uploads/${upload}`, { isChunked: true })).toBeUndefined();
  });

  test.each([
    ["/v2/small/a/blobs/uploads/", "some"],
    ["/v2/small/blobs/uploads/", ""],
    ["/v2/small%2Fa/blobs/uploads/", "nothing"],
    ["/v2/x/../small/a/blobs/uploads/", "nothing"],
    ["//v2/small/a/blobs/uploads/", "nothing"],
  ])("is looked at where a quota covers it: %s", (address, kind) => {
    expect(quotas.kindOf([SMALL, BOTH], request.asked("POST", address, address))).toBe(kind);
  });
});
