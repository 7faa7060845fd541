/**
 * An entry of the htpasswd file that names which are no users' are checked as: it costs as much as a user's and always
 * fails. No user can have its name, and its hash is no password's.
 */
const NAME = "-";

/** What is sent for a client whose name is not a user's. */
export const DECOY_HEADER = `Basic ${Buffer.from(`${NAME}:`).toString("base64")}`;

/** The decoy's line of the htpasswd file. */
export function decoyEntry(cost: number): string {
  return `${NAME}:$2y$${String(cost).padStart(2, "0")}$${".".repeat(53)}`;
}
