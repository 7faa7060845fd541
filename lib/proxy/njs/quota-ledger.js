// What is used of each quota: what was counted in the registry's files, and what has been let in since.
//
// A push keeps its room from the moment it is let in. When it has ended, the room is noted under the number of counts that had
// begun by then: each later one finds what it has pushed, and the note counts no more. So nothing is ever missing, and a
// little may be counted twice until the next count.

/** Counts that can begin while somebody looks. */
const SLOTS = 3;
const MOST_KEYS = 100000;

/** Pushes in progress, by the worker that has them: what one kept that was killed counts no more. */
function inFlight(pattern, unit, worker) {
  return `flight ${pattern} ${unit} ${worker}`;
}

function ended(pattern, unit, number) {
  return `ended ${pattern} ${unit} ${number}`;
}

/**
 * Keeps room for a push, or says in which quota there is none. It is added before it is looked at: of two at a time one at
 * least sees both.
 *
 * @param memory shared by the workers
 * @param counted what was counted last: its number, and what is used by pattern
 * @param needs for each quota that the push meets: quota, and the bytes and tags that it adds; `isStart` where it is not
 *   known yet how many, so that one byte is asked for and none is kept
 * @returns what is kept, or `refusal`: the need, the unit, what is `used` by count and what is `pending`, pushes of others that
 *   may be among it; `isSure` where there is no room without those either
 */
function keep(memory, counted, needs, worker, isAlive) {
  const kept = [];
  needs.forEach((need) => {
    ["bytes", "tags"].forEach((unit) => {
      if (need[unit] > 0 && !need.isStart) {
        memory.incr(inFlight(need.quota.repositories, unit, worker), need[unit], 0);
        kept.push([need.quota.repositories, unit, need[unit]]);
      }
    });
  });
  const refusal = refusalOf(memory, counted, needs, isAlive);
  if (refusal) {
    giveBack(memory, kept, worker);
  }
  return { kept, refusal };
}

function refusalOf(memory, counted, needs, isAlive) {
  for (let i = 0; i < needs.length; i++) {
    const need = needs[i];
    const pattern = need.quota.repositories;
    const limits = { bytes: (need.quota.maxMiB || 0) * 1024 * 1024, tags: need.quota.maxTags || 0 };
    const found = ["bytes", "tags"]
      .filter((unit) => limits[unit] > 0 && need[unit] > 0)
      .map((unit) => {
        const used = counted.used[pattern][unit];
        // Its own is among what is pending, but for what keeps nothing.
        const pending = pendingOf(memory, counted, pattern, unit, isAlive) - (need.isStart ? 0 : need[unit]);
        const room = limits[unit] - need[unit];
        return { need, unit, used, pending, isRefused: used + pending > room, isSure: used > room };
      })
      .find((one) => one.isRefused);
    if (found) {
      return found;
    }
  }
  return undefined;
}

/** Pushes in progress are looked at first: one that ends meanwhile is noted before it is taken from them. */
function pendingOf(memory, counted, pattern, unit, isAlive) {
  let pending = 0;
  const prefix = inFlight(pattern, unit, "");
  memory.keys(MOST_KEYS).forEach((key) => {
    if (key.startsWith(prefix)) {
      if (isAlive(key.slice(prefix.length))) {
        pending += memory.get(key) || 0;
      } else {
        memory.delete(key);
      }
    }
  });
  for (let slot = 0; slot < SLOTS; slot++) {
    pending += memory.get(ended(pattern, unit, counted.number + slot)) || 0;
  }
  return pending;
}

function giveBack(memory, kept, worker) {
  kept.forEach((one) => {
    memory.incr(inFlight(one[0], one[1], worker), -one[2], 0);
  });
}

/**
 * Notes the end of a push. Whatever the registry said, it may have written: the next count knows.
 *
 * @param number of counts that have begun
 * @param counted number of the last one that has ended
 */
function settle(memory, kept, worker, number, counted) {
  kept.forEach((one) => {
    memory.incr(ended(one[0], one[1], number), one[2], 0);
  });
  giveBack(memory, kept, worker);
  memory.keys(MOST_KEYS).forEach((key) => {
    if (key.startsWith("ended ") && Number(key.split(" ").pop()) < counted) {
      memory.delete(key);
    }
  });
}

export default { keep, settle };
