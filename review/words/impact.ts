/**
 * What clients notice while a deploy runs. Each sentence is measured by `npm run soak`, with clients that pull twenty
 * times a second and push ten times: see __tests__/soak/review.test.ts.
 */
export const IMPACT = {
  none: "No request fails.",
  proxyReplaced: "Connections are refused for a few seconds.",
  networkReplaced: "Connections are refused for up to ten seconds: the network is made anew in between.",
  registryReplaced: "Clients get 502 for a few seconds.",
  pushesOnly:
    "Pushes get 502 for a few seconds; pulls go on. (An nginx without njs asks the registry for manifests: then pulls get 502 too.)",
  registryRestarted: "After its last transfer clients get 502 for a tenth of a second.",
  redisReplaced: "Pulls and pushes go on; for a second or two deletes are answered late or with 500.",
} as const;
