import type { IConstruct } from "constructs";
import { requireSecret } from "../../core/secrets";
import { requireAddress, requireOneOf } from "../../core/validation";
import type { RegistryBinding } from "../registry-part";
import { requireVersion } from "../version";

/** How much a registry writes to its log. */
export enum RegistryLogLevel {
  ERROR = "error",
  WARN = "warn",
  INFO = "info",
  DEBUG = "debug",
}

/** The shape of a registry's log. */
export enum RegistryLogFormatter {
  TEXT = "text",
  JSON = "json",
  LOGSTASH = "logstash",
}

/** What is bad enough for a mail. */
export enum MailHookLevel {
  PANIC = "panic",
  FATAL = "fatal",
  ERROR = "error",
  WARN = "warn",
}

/**
 * Mails on entries of the log, sent while the request that made the entry waits.
 *
 * The registry always logs in, and over TLS only: the server must offer STARTTLS, with a certificate that the registry
 * trusts (see `trustedCaPem`), and AUTH PLAIN. A mail that cannot be sent is an entry of the log and nothing else.
 */
export interface MailHook {
  /** `host:port` of the mail server; its port for STARTTLS, which is 587 more often than 25, and never 465. */
  readonly smtpAddress: string;

  /**
   * Name that it logs in with.
   *
   * @default - an empty name, which few servers take
   */
  readonly smtpUser?: string;

  /**
   * A sensitive variable, as what is written in the code is in the synth output.
   *
   * @default - an empty password
   */
  readonly smtpPassword?: string;

  /** Address that the mail comes from. */
  readonly sender: string;

  /** Addresses that it goes to. */
  readonly receivers: string[];

  /**
   * Which messages are mailed.
   *
   * @default [MailHookLevel.PANIC]
   */
  readonly levels?: MailHookLevel[];

  /**
   * Whether the hook is written down but sends nothing.
   *
   * @default false
   */
  readonly disabled?: boolean;
}

/** What a registry says of its work. */
export interface RegistryLog {
  /**
   * How much is logged. From INFO on there is a line per request, which the proxy has too.
   *
   * @default RegistryLogLevel.WARN
   */
  readonly level?: RegistryLogLevel;

  /**
   * How a line is written.
   *
   * @default RegistryLogFormatter.TEXT
   */
  readonly formatter?: RegistryLogFormatter;

  /**
   * Fields that each entry carries.
   *
   * @default - service: registry
   */
  readonly fields?: { readonly [name: string]: string };

  /**
   * Whether each request is a line in Apache's combined format. Behind a proxy all of them come from the proxy.
   *
   * @default false
   */
  readonly accessLog?: boolean;

  /**
   * Whether entries name the line of code that made them. Version 3 only.
   *
   * @default false
   */
  readonly reportCaller?: boolean;

  /**
   * Mails on bad entries.
   *
   * @default - none
   */
  readonly mailHooks?: MailHook[];
}

export function bindLog(where: IConstruct, log: RegistryLog, majorVersion: number): RegistryBinding {
  requireOneOf(where, "log.level", log.level, Object.values(RegistryLogLevel));
  requireOneOf(where, "log.formatter", log.formatter, Object.values(RegistryLogFormatter));
  requireVersion(where, majorVersion, 3, { "log.reportCaller": log.reportCaller });
  const hooks = log.mailHooks ?? [];
  for (const hook of hooks) {
    requireAddress(where, "log.mailHooks.smtpAddress", hook.smtpAddress);
    requireSecret(where, "log.mailHooks.smtpPassword", hook.smtpPassword);
    for (const level of hook.levels ?? []) {
      requireOneOf(where, "log.mailHooks.levels", level, Object.values(MailHookLevel));
    }
  }
  return {
    config: {
      log: {
        level: log.level ?? RegistryLogLevel.WARN,
        formatter: log.formatter ?? RegistryLogFormatter.TEXT,
        fields: { ...(log.fields ?? { service: "registry" }) },
        ...(log.reportCaller === undefined ? {} : { reportcaller: log.reportCaller }),
        accesslog: { disabled: !log.accessLog },
        ...(hooks.length > 0 ? { hooks: hooks.map(mailHook) } : {}),
      },
    },
    secrets: hooks.flatMap((hook) => (hook.smtpPassword ? [hook.smtpPassword] : [])),
    reachesOut: hooks.some((hook) => !hook.disabled),
  };
}

function mailHook(hook: MailHook): object {
  return {
    type: "mail",
    disabled: hook.disabled ?? false,
    levels: hook.levels ?? [MailHookLevel.PANIC],
    options: {
      smtp: {
        addr: hook.smtpAddress,
        ...(hook.smtpUser ? { username: hook.smtpUser } : {}),
        ...(hook.smtpPassword ? { password: hook.smtpPassword } : {}),
      },
      from: hook.sender,
      to: hook.receivers,
    },
  };
}
