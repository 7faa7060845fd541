/** What a user can mend: shown as one clear message, without a stack trace. */
export class ExpectedFailure extends Error {}

/** Runs a command of the bootstrap; any failure makes the exit code 1. */
export async function conclude(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof ExpectedFailure ? `error: ${error.message}` : error);
  }
}
