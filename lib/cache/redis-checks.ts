import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireWholeNumber } from "../core/validation";
import type { RedisCacheProps } from "./redis-cache-props";
import { requireRedisConnection } from "./redis-connection";

// What Redis needs for itself, beside what it holds.
const OVERHEAD_MIB = 32;

/** Refuses what is wrong, and says how much memory the cache may take, and its process. */
export function requireRedisProps(
  where: IConstruct,
  props: RedisCacheProps,
): { readonly maxMemoryMiB: number; readonly memoryMiB: number } {
  const maxMemoryMiB = props.maxMemoryMiB ?? 128;
  const memoryMiB = props.memoryMiB ?? Math.max(2 * maxMemoryMiB, maxMemoryMiB + OVERHEAD_MIB);
  requireWholeNumber(where, "maxMemoryMiB", props.maxMemoryMiB, { min: 8, max: 1024 * 1024, example: 128 });
  requireWholeNumber(where, "maxClients", props.maxClients, { min: 1, max: 1_000_000, example: 1024 });
  requireWholeNumber(where, "snapshotSeconds", props.snapshotSeconds, { min: 1, max: 7 * 24 * 3600, example: 300 });
  requireRedisConnection(where, props);
  if (memoryMiB < maxMemoryMiB + OVERHEAD_MIB) {
    throw invalidInput({
      where,
      field: "memoryMiB",
      got: memoryMiB,
      expected: `at least ${maxMemoryMiB + OVERHEAD_MIB}: maxMemoryMiB and ${OVERHEAD_MIB} for Redis itself`,
      fix: "give the container more memory or the cache less, or leave memoryMiB out",
    });
  }
  return { maxMemoryMiB, memoryMiB };
}
