import { Fn, Token } from "cdktf";
import { MailHookLevel, PublicEndpoint, RegistryLogLevel } from "../lib";
import { CachedRegistryStack } from "../stacks";
import { environment } from "./environment";
import { images } from "./images";

/** Distribution 2 with a Redis, and each setting of a configuration that was written by hand. */
export const cached = environment(CachedRegistryStack, {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5447 }),
  alternativeNames: ["127.0.0.1"],
  images,
  version2: true,
  cacheConnection: {
    // As they were written by hand. Those of RedisCache are shorter: a Redis that hangs then holds up pulls less.
    dialTimeoutMs: 10,
    readTimeoutMs: 10,
    writeTimeoutMs: 10,
    maxIdleConnections: 16,
    maxActiveConnections: 64,
    idleTimeoutSeconds: 300,
  },
  registry: {
    log: {
      level: RegistryLogLevel.DEBUG,
      fields: { service: "registry", environment: "development" },
      mailHooks: [
        {
          disabled: true,
          levels: [MailHookLevel.PANIC],
          smtpAddress: "mail.example.com:25",
          smtpUser: "mailuser",
          sender: "sender@example.com",
          receivers: ["errors@example.com"],
        },
      ],
    },
    uploadPurging: { enabled: true, ageHours: 168, intervalHours: 24, dryRun: false },
    headers: { "X-Content-Type-Options": ["nosniff"] },
    notifications: [
      {
        name: "local-5003",
        url: "http://localhost:5003/callback",
        // An example, which lets nobody in. A real one is a sensitive variable of the stack: this one can be read by all.
        headers: { Authorization: [Token.asString(Fn.sensitive("Bearer <an example token>"))] },
        timeoutMs: 1000,
        threshold: 10,
        backoffMs: 1000,
        disabled: true,
      },
      {
        name: "local-8083",
        url: "http://localhost:8083/callback",
        timeoutMs: 1000,
        threshold: 10,
        backoffMs: 1000,
        disabled: true,
      },
    ],
    health: { storage: { enabled: true, intervalSeconds: 10, threshold: 3 } },
  },
});
