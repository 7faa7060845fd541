/** How a registry wants to be asked, as its 401 says. */
export type Challenge =
  | { readonly scheme: "basic" }
  | { readonly scheme: "bearer"; readonly realm: string; readonly service: string };

/** Reads a `WWW-Authenticate` header; nothing where it names neither way. */
export function challengeOf(header: string | null): Challenge | undefined {
  const [, scheme, rest = ""] = /^\s*(basic|bearer)\b(.*)$/i.exec(header ?? "") ?? [];
  if (scheme === undefined) {
    return undefined;
  }
  if (scheme.toLowerCase() === "basic") {
    return { scheme: "basic" };
  }
  const parameters = Object.fromEntries(
    [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name.toLowerCase(), value]),
  );
  const { realm, service = "" } = parameters;
  return realm === undefined ? undefined : { scheme: "bearer", realm, service };
}

/** The header of a name and a password; in UTF-8, as registries and nginx compare bytes. */
export function basicHeader(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** What a token lets its bearer do, by repository: it can be read, though nobody else can write one. */
export function grantedBy(token: string): ReadonlyMap<string, readonly string[]> {
  const [, claims = ""] = token.split(".");
  try {
    const { access } = JSON.parse(atob(claims.replace(/-/g, "+").replace(/_/g, "/")));
    const scopes: { name: string; actions: string[] }[] = Array.isArray(access) ? access : [];
    return new Map(scopes.map(({ name, actions }) => [name, actions]));
  } catch {
    return new Map();
  }
}
