import type { Finding } from "../model/change";
import type { Resource } from "../model/resources";
import type { Words } from "./words";

/** Types whose loss cannot be made good by another deploy. */
const HOLDS_DATA =
  /volume|disk|bucket|storage_account|database|_db$|_db_|rds|dynamodb|cosmosdb|bigtable|firestore|spanner|file_?system|efs|snapshot|vault|private_key|kms_key|persistent|queue|topic|repository/;

/** What can be said of any resource of any provider. */
export const generalWords: Words = {
  findings: ({ members }) => members.flatMap(findingsOf),
};

function findingsOf(resource: Resource): Finding[] {
  const { action, type } = resource;
  if (action !== "destroy" && action !== "replace") {
    return [];
  }
  const lost = action === "destroy" ? "It is removed." : "It is removed and made anew.";
  return HOLDS_DATA.test(type)
    ? [{ severity: "danger", text: `${lost} What it holds is lost, unless the provider keeps it.` }]
    : [{ severity: "notice", text: lost }];
}
