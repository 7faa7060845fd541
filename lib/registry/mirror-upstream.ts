import { Annotations, Fn } from "cdktf";
import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireSecret } from "../core/secrets";
import { requireHttpUrl, requireWholeNumber } from "../core/validation";
import { CONFIG_FOLDER, EXECUTABLES } from "../docker/config-volume";
import type { IRegistryPart, RegistryBinding, RegistryContext } from "./registry-part";
import { requireVersion } from "./version";

const PROGRAM = `${EXECUTABLES}/upstream-login`;
const LOGIN = "upstream-login.json";

/** The registry that a mirror copies from. */
export interface MirrorUpstream {
  /** Its address, `https://host[:port]`, as the mirror's container reaches it. */
  readonly url: string;

  /**
   * A user that may pull. Version 2 logs in at token servers only, as Docker Hub has one, not by HTTP basic as the
   * registries of this library want it; there is a warning.
   *
   * @default - none: the upstream gives to everybody
   */
  readonly user?: string;

  /**
   * The user's password: a sensitive variable, as what is written in the code is in the synth output.
   *
   * @default - none
   */
  readonly password?: string;

  /**
   * The CA of the upstream's certificate, in PEM.
   *
   * @default - the CAs of the image
   */
  readonly caCertificatePem?: string;

  /**
   * Networks of the engine that the upstream is reached through, such as the one of another stack's proxy.
   * They must be there before the mirror is deployed.
   *
   * @default - a network of the mirror's own, for outbound access
   */
  readonly networkNames?: string[];

  /**
   * Hours after which a copy is removed, to be fetched again; 0 keeps copies for ever. Version 3 only.
   *
   * @default 168
   */
  readonly ttlHours?: number;

  /**
   * How long a copy may take to be written while a client waits, in seconds. Version 3 only.
   *
   * @default 300
   */
  readonly writeTimeoutSeconds?: number;
}

/** The block `proxy` of config.yml. */
export class UpstreamPart implements IRegistryPart {
  constructor(private readonly upstream: MirrorUpstream) {}

  public bindToRegistry(mirror: Construct, { majorVersion }: RegistryContext): RegistryBinding {
    const { url, user, password, ttlHours, writeTimeoutSeconds } = this.upstream;
    requireHttpUrl(mirror, "upstream.url", url);
    requireSecret(mirror, "upstream.password", password);
    if (password !== undefined && /^http:/i.test(url)) {
      warnAboutClearPassword(mirror, url);
    }
    requireVersion(mirror, majorVersion, 3, {
      "upstream.ttlHours": ttlHours,
      "upstream.writeTimeoutSeconds": writeTimeoutSeconds,
    });
    requireWholeNumber(mirror, "upstream.ttlHours", ttlHours, { min: 0, max: 24 * 365, example: 168 });
    requireWholeNumber(mirror, "upstream.writeTimeoutSeconds", writeTimeoutSeconds, {
      min: 1,
      max: 24 * 3600,
      example: 300,
    });
    if ((user === undefined) !== (password === undefined)) {
      throw invalidInput({
        where: mirror,
        field: user === undefined ? "upstream.user" : "upstream.password",
        got: undefined,
        expected: "user and password, or neither",
        fix: "write both, the password as a sensitive value",
      });
    }
    // Copies that have outlived their time are removed by the registry itself, which needs the right to delete;
    // the deletes of clients it refuses all the same.
    const storage = { delete: { enabled: true } };
    if (majorVersion === 2) {
      warnAboutVersion2(mirror, user);
      return {
        config: { storage, proxy: { remoteurl: url, ...(user ? { username: user, password } : {}) } },
        reachesOut: true,
        secrets: password ? [password] : [],
      };
    }
    return {
      config: {
        storage,
        proxy: {
          remoteurl: url,
          exec: { command: `${CONFIG_FOLDER}/current/${PROGRAM}` },
          ttl: `${ttlHours ?? 168}h`,
          ...(writeTimeoutSeconds ? { cachewritetimeout: `${writeTimeoutSeconds}s` } : {}),
        },
      },
      reachesOut: true,
      // By a program, as the registry otherwise asks the upstream at its start how to log in, and ends when that is down.
      files: [
        { path: PROGRAM, content: `#!/bin/sh\nexec cat ${CONFIG_FOLDER}/current/${LOGIN}\n` },
        { path: LOGIN, content: Fn.jsonencode({ Username: user ?? "", Secret: password ?? "" }) },
      ],
    };
  }
}

/** Legal on a network of one's own. */
function warnAboutClearPassword(mirror: Construct, url: string): void {
  Annotations.of(mirror).addWarning(
    `upstream.password goes in clear to ${url}: everybody on the way can read it. Fix: use an https:// address, or keep to a machine or network of your own`,
  );
}

/** Legal, since an upstream may be up always and have a token server; nothing at synth tells. */
function warnAboutVersion2(mirror: Construct, user: string | undefined): void {
  const remedy = "Fix: take an image of version 3";
  Annotations.of(mirror).addWarning(
    `version 2 asks the upstream at its start, and does not start while the upstream is down. ${remedy}`,
  );
  if (user !== undefined) {
    Annotations.of(mirror).addWarning(
      `version 2 logs in at token servers only, as Docker Hub has one: an upstream that asks for HTTP basic, as one of this library does, gives it nothing. ${remedy}, or an upstream with a token server`,
    );
  }
}
