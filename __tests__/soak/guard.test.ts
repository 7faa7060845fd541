import { images } from "../../environments/images";
import { AuditLog } from "../../lib";
import { SmallImages } from "../../testing/clients/small-images";
import { freePort } from "../../testing/machine/ports";
import { raceForTag } from "../../testing/rounds/tag-race";
import { GuardedRegistry, type Guards } from "../../testing/stacks/guarded-registry";
import { immutableTagCases, RULES } from "../e2e/immutable-tag-cases";
import { QUOTAS, quotaCases } from "../e2e/quota-cases";
import { balancerCases } from "./balancer-cases";

const ROUNDS = 100;
const QUOTA_ROUNDS = 20;

describe.each([
  ["version 3", { word: "guard3", image: images.registry }],
  ["version 2", { word: "guard2", image: images.registryV2 }],
])("with a registry of %s", (_, { word, image }) => {
  const guards: Guards = { image, immutableTags: RULES, quotas: QUOTAS, auditLog: AuditLog.toVolume() };
  let registry: GuardedRegistry;
  let app: SmallImages;

  beforeAll(async () => {
    registry = new GuardedRegistry(word, await freePort(), guards);
    await registry.deployment.apply();
    app = await SmallImages.in(registry, "team/app");
  });
  afterAll(() => registry?.cleanUp());

  describe("immutable tags", () => {
    immutableTagCases(() => ({ registry, app }));

    it(`have one winner of twenty pushes at a time in each of ${ROUNDS} rounds`, async () => {
      const odd: unknown[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const result = await raceForTag(app, `v-soak-${round}`);
        if (result.won !== 1 || result.told !== 19 || !result.isWhole) {
          odd.push({ round, ...result });
        }
      }
      expect(odd).toEqual([]);
    });
  });

  describe(`quotas, in ${QUOTA_ROUNDS} rounds`, () => {
    quotaCases(() => registry, QUOTA_ROUNDS);
  });

  describe("balancers in front", () => {
    balancerCases(() => registry, guards);
  });
});
