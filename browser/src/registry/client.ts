import { errorOf, RegistryError } from "./registry-error";
import { CATALOG, repositoryScope, type Session } from "./session";

/** What nginx knows of a repository from the registry's own files, where it can read them. */
export interface Facts {
  readonly tags: readonly TagFact[];
  /** Bytes of the layers and configurations that the repository has. */
  readonly bytes: number;
}

export interface TagFact {
  readonly name: string;
  readonly digest?: string;
  /** When it was pushed, in milliseconds since 1970. */
  readonly pushed?: number;
}

/** The answer to a request for a manifest, as it came. */
export interface ManifestAnswer {
  readonly digest: string;
  readonly type: string;
  readonly text: string;
}

const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Names of the first answer, which is shown while the registry looks for more, and of those after it. */
const FIRST_NAMES = 100;
const MORE_NAMES = 1000;

/** Whether deletes are possible, asked with a digest that nothing has. */
const NOTHING = `sha256:${"0".repeat(64)}`;

/** The registry's API, as far as the page needs it. */
export class Client {
  public constructor(private readonly session: Session) {}

  /** The names of all repositories that the user may pull, page by page. */
  public async *repositories(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    let next: string | undefined = `/v2/_catalog?n=${FIRST_NAMES}`;
    while (next !== undefined) {
      const response: Response = await this.ask(next, CATALOG, { signal });
      const { repositories } = await bodyOf(response);
      yield Array.isArray(repositories) ? repositories.map(String) : [];
      next = nextPage(response, MORE_NAMES);
    }
  }

  /** All tags of a repository, with what else is known of them; an answer without details has names only. */
  public async facts(repository: string, signal: AbortSignal): Promise<Facts & { readonly isDetailed: boolean }> {
    const tags: TagFact[] = [];
    let next: string | undefined = `/v2/${repository}/tags/list?facts`;
    while (next !== undefined) {
      const response: Response = await this.ask(next, repositoryScope(repository), { signal });
      const body = await bodyOf(response);
      if (typeof body.bytes === "number") {
        return { tags: body.tags, bytes: body.bytes, isDetailed: true };
      }
      tags.push(...(Array.isArray(body.tags) ? body.tags : []).map((name: unknown) => ({ name: String(name) })));
      next = nextPage(response);
    }
    return { tags, bytes: 0, isDetailed: false };
  }

  public async manifest(repository: string, reference: string, signal: AbortSignal): Promise<ManifestAnswer> {
    const path = `/v2/${repository}/manifests/${reference}`;
    const response = await this.ask(path, repositoryScope(repository), { signal, headers: { Accept: MANIFESTS } });
    const digest = response.headers.get("Docker-Content-Digest") ?? reference;
    const type = response.headers.get("Content-Type")?.split(";")[0] ?? "";
    return { digest, type, text: await response.text() };
  }

  /** The digest that a tag stands for. */
  public async digestOf(repository: string, tag: string, signal: AbortSignal): Promise<string | undefined> {
    const response = await this.ask(`/v2/${repository}/manifests/${tag}`, repositoryScope(repository), {
      signal,
      method: "HEAD",
      headers: { Accept: MANIFESTS },
      mayFail: true,
    });
    return response.ok ? (response.headers.get("Docker-Content-Digest") ?? undefined) : undefined;
  }

  /** A small blob that holds JSON. */
  public async blob(repository: string, digest: string, signal: AbortSignal): Promise<unknown> {
    return bodyOf(await this.ask(`/v2/${repository}/blobs/${digest}`, repositoryScope(repository), { signal }));
  }

  /** What was attached to a digest, where the registry has the API for it. */
  public async referrers(repository: string, digest: string, signal: AbortSignal): Promise<unknown> {
    const path = `/v2/${repository}/referrers/${digest}`;
    const response = await this.ask(path, repositoryScope(repository), { signal, mayFail: true });
    return response.ok ? response.json() : undefined;
  }

  /** Whether this user may delete here, and the registry takes deletes at all. */
  public async canDelete(repository: string, signal: AbortSignal): Promise<boolean> {
    const known = this.session.actionsOn(repository);
    if (known && !known.includes("delete")) {
      return false;
    }
    const path = `/v2/${repository}/manifests/${NOTHING}`;
    const response = await this.ask(path, repositoryScope(repository), { signal, method: "DELETE", mayFail: true });
    return response.status === 404;
  }

  /** Deletes an image with all its tags by its digest, or one tag by its name. */
  public async delete(repository: string, reference: string): Promise<void> {
    await this.ask(`/v2/${repository}/manifests/${reference}`, repositoryScope(repository), { method: "DELETE" });
  }

  private async ask(path: string, scope: string, options: Options = {}): Promise<Response> {
    const { mayFail, headers, ...rest } = options;
    for (let isFirst = true; ; isFirst = false) {
      const authorization = await this.session.authorization(scope);
      rest.signal?.throwIfAborted();
      const response = await patientFetch(path, {
        ...rest,
        headers: { ...headers, ...(authorization ? { Authorization: authorization } : {}) },
        // Without this a browser would ask for a password by a window of its own, and remember it.
        credentials: "omit",
      });
      if (response.status === 401) {
        await this.session.refused(response, scope, authorization, isFirst);
        continue;
      }
      if (!response.ok && !mayFail) {
        throw await errorOf(response);
      }
      return response;
    }
  }
}

/** A network that changes, as a laptop's does, cuts what is under way: what only reads is asked once more. */
async function patientFetch(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (!(error instanceof TypeError) || options.method === "DELETE") {
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    return fetch(path, options);
  }
}

interface Options {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Whether the caller looks at the status itself. */
  readonly mayFail?: boolean;
}

async function bodyOf(response: Response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new RegistryError(response.status, "UNREADABLE", "the registry's answer is not JSON");
  }
}

/** Where the next page is, by the header that says so; at this address, whatever host it names. */
function nextPage(response: Response, names?: number): string | undefined {
  const [, link] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get("Link") ?? "") ?? [];
  if (link === undefined) {
    return undefined;
  }
  const { pathname, searchParams } = new URL(link, location.href);
  if (names !== undefined) {
    searchParams.set("n", String(names));
  }
  return `${pathname}?${searchParams}`;
}
