import { expectReport } from "../../testing/checks/expected-report";
import { ReviewedRegistry } from "../../testing/checks/reviewed-change";

/** The other fourteen are in the soak test. */
const TITLES = [
  "user added",
  "certificate renewed",
  "a secret changed",
  "address widened",
  "image bumped",
  "volume renamed",
];

describe("a change that is reviewed and then applied", () => {
  let registry: ReviewedRegistry;

  beforeAll(async () => {
    registry = await ReviewedRegistry.deploy("reviewsix");
  });
  afterAll(() => registry?.cleanUp());

  it.each(TITLES)("%s: the report says what clients notice", async (title) => {
    const prepared = registry.changes.find((one) => one.title === title);
    if (prepared === undefined) {
      throw new Error(`${title} is not prepared`);
    }
    expectReport(prepared, await registry.make(prepared));
  });
});
