import fs from "node:fs";
import path from "node:path";
import { Policy } from "../../review/model/policy";
import { renderMarkdown } from "../../review/render/markdown";
import { renderTerminal } from "../../review/render/terminal";
import { expectReport } from "../../testing/checks/expected-report";
import { ReviewedRegistry } from "../../testing/checks/reviewed-change";

// Where the reports go for somebody who does not know the answers.
const REPORTS = process.env.REVIEW_REPORTS;

describe("twenty changes that are reviewed and then applied", () => {
  let registry: ReviewedRegistry;
  const rows: string[] = [];

  beforeAll(async () => {
    registry = await ReviewedRegistry.deploy("reviewall");
  });
  afterAll(async () => {
    console.info(rows.join("\n"));
    await registry?.cleanUp();
  });

  // Its ports and names are known later; the titles are not.
  const titles = [
    "user added",
    "right changed",
    "user removed",
    "certificate renewed",
    "an nginx setting",
    "a secret changed",
    "retention added",
    "network renamed",
    "port moved",
    "address widened",
    "image bumped",
    "drift by hand",
    "Redis dropped",
    "CA key type",
    "volume renamed",
    "protection off",
    "id renamed",
    "nothing",
    "an environment added",
    "an environment removed",
  ];

  it.each(titles)("%s: the report says what clients notice", async (title) => {
    const prepared = registry.changes.find((one) => one.title === title);
    if (prepared === undefined) {
      throw new Error(`${title} is not prepared`);
    }
    const outcome = await registry.make(prepared);
    const cells = [outcome.pulls, outcome.pushes].map(
      ({ failures, failingMs }) => `${failingMs} ms, ${failures.length}: ${[...new Set(failures)].join(", ")}`,
    );
    rows.push(`| ${[title, prepared.interruption, ...cells].join(" | ")} |`);
    if (REPORTS !== undefined) {
      const review = Policy.parse("").apply([{ ...outcome.review, environment: "production" }]);
      const name = `${String(titles.indexOf(title) + 1).padStart(2, "0")}.md`;
      fs.mkdirSync(REPORTS, { recursive: true });
      fs.writeFileSync(path.join(REPORTS, name), renderMarkdown(review));
      fs.writeFileSync(path.join(REPORTS, name.replace(".md", ".txt")), renderTerminal(review));
    }
    expectReport(prepared, outcome);
  });
});
