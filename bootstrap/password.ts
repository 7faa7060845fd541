import { outputs } from "./deploy";
import { chosenEnvironment } from "./environment";
import { conclude, ExpectedFailure } from "./failure";
import { findTerraform } from "./terraform";

/** `npm run --silent password -- <environment> <user>`: for a pipe into `docker login --password-stdin`. */
async function password(): Promise<void> {
  const [name, user] = process.argv.slice(2);
  const environment = await chosenEnvironment(name === undefined ? [] : [name]);
  const { users } = await outputs(await findTerraform(), environment);
  const passwords = (users ?? {}) as Record<string, string>;
  if (!(user in passwords)) {
    throw new ExpectedFailure(
      `"${user ?? ""}" has no generated password in ${environment}; those who have: ${Object.keys(passwords).join(", ") || "none"}`,
    );
  }
  process.stdout.write(`${passwords[user]}\n`);
}

conclude(password);
