/** What a registry did not do, in words for people. */
export class RegistryError extends Error {
  public constructor(
    public readonly status: number,
    public readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Reads the answer of a registry, or of the proxy before it, that is no success. */
export async function errorOf(response: Response): Promise<RegistryError> {
  const text = await response.text().catch(() => "");
  try {
    const [{ code, message }] = JSON.parse(text).errors;
    return new RegistryError(response.status, String(code), String(message));
  } catch {
    return new RegistryError(response.status, "UNKNOWN", `the registry answered with ${response.status}`);
  }
}

/** Any failure as one of the registry's. */
export function asRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) {
    return error;
  }
  const isOffline = error instanceof TypeError;
  return isOffline
    ? new RegistryError(0, "UNREACHABLE", "the registry cannot be reached")
    : new RegistryError(0, "UNREADABLE", error instanceof Error ? error.message : String(error));
}
