/**
 * What clients notice while a deploy runs. Each sentence is measured by `npm run soak`, with a client that asks twenty times
 * a second: see __tests__/soak/review.test.ts.
 */
export const IMPACT = {
  none: "No request fails.",
  proxyReplaced: "Connections are refused for about two seconds.",
  registryReplaced: "Clients get 502 for about a second.",
  registryRestarted: "After its last transfer clients get 502 for a tenth of a second.",
  redisReplaced: "Pulls and pushes go on; for a second or two deletes are answered late or with 500.",
} as const;
