/** Asks again until the check passes; the last error is the one to read when it never does. */
export async function eventually<T>(check: () => T | Promise<T>, withinMs: number, everyMs = 100): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
