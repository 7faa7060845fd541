import type { VolumeMount } from "../docker/service-container";
import type { RegistryBinding } from "./registry-part";

/** The blobs of a registry as files, for a proxy that sends them by itself. */
export interface BlobFiles {
  /** The registry's data, for the proxy to mount; blobs lie in `docker/registry/v2/blobs` below it. */
  readonly mount: VolumeMount;

  /** Host that the registry redirects to when it allows a blob: to the proxy, the order to send the file. */
  readonly redirectHost: string;

  /** Names of the headers that the registry adds to each of its answers. */
  readonly headers: string[];

  /** The values of these headers, by name. */
  readonly headerValues: { readonly [name: string]: string[] };

  /** Whether tags come from an upstream, which is asked each time: those in the files never move. */
  readonly tagsOfUpstream: boolean;

  /**
   * Why the files alone do not say what the registry answers, so that it has to be asked for each pull.
   *
   * @default - they do: a proxy may answer pulls without the registry
   */
  readonly whyAsked?: string;
}

/** Who sends a registry's blobs: the registry itself, or its proxy. */
export interface IRegistryBlobs {
  /** Whether proxies send them: the registry then answers with redirects that only such a proxy understands. */
  readonly sentByProxy: boolean;

  /** Leaves the sending to the proxy that calls it; the registry goes on to decide who gets which blob. */
  sendByProxy(): BlobFiles;
}

/** A host that cannot exist (RFC 2606): should the redirect ever reach a client, it leads nowhere. */
const REDIRECT_HOST = "blobs.invalid";

/** What a proxy has to know of a registry whose files it answers from. */
export type BlobAnswers = Pick<BlobFiles, "headerValues" | "tagsOfUpstream" | "whyAsked">;

/** Blobs that lie in a volume of the engine's machine. */
export class VolumeBlobs implements IRegistryBlobs {
  private asked = false;

  constructor(
    private readonly volume: VolumeMount,
    private readonly answers: BlobAnswers,
  ) {}

  public get sentByProxy(): boolean {
    return this.asked;
  }

  public sendByProxy(): BlobFiles {
    this.asked = true;
    return {
      mount: { ...this.volume, readOnly: true },
      redirectHost: REDIRECT_HOST,
      headers: Object.keys(this.answers.headerValues),
      ...this.answers,
    };
  }

  /** For the registry: known only when all proxies are. */
  public get binding(): RegistryBinding {
    return this.asked
      ? {
          config: {
            middleware: { storage: [{ name: "redirect", options: { baseurl: `http://${REDIRECT_HOST}` } }] },
          },
        }
      : { config: {} };
  }
}
