import {
  ExistingRedis,
  HtpasswdUser,
  MirrorContainer,
  type NotificationEndpoint,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryStorage,
} from "../../../lib";
import { secret, stackOf } from "../synth";

const url = "https://example.com";
const registry = (props: RegistryContainerProps) => new RegistryContainer(stackOf(), "Registry", props);
const notifying = (headers: NotificationEndpoint["headers"]) =>
  registry({ notifications: [{ name: "audit", url, headers }] });

/** Every prop that is a secret; one that has none of its own is a user's own business (`configOverrides`). */
const SECRETS: [string, string, (text: string) => unknown][] = [
  ["a user", "password", (text) => HtpasswdUser.fromPassword("ci", text)],
  ["a Redis", "password", (text) => new ExistingRedis({ address: "redis:6379", password: text })],
  [
    "an upstream",
    "upstream.password",
    (text) => new MirrorContainer(stackOf(), "Mirror", { upstream: { url, user: "u", password: text } }),
  ],
  [
    "a bucket",
    "storage.secretKey",
    (text) => registry({ storage: RegistryStorage.s3({ bucket: "b", region: "r", accessKey: "k", secretKey: text }) }),
  ],
  [
    "a mail server",
    "log.mailHooks.smtpPassword",
    (text) =>
      registry({
        log: { mailHooks: [{ smtpAddress: "mail:587", smtpPassword: text, sender: "a", receivers: ["b"] }] },
      }),
  ],
  ["a receiver", "notifications[0].headers.Authorization", (text) => notifying({ Authorization: [text] })],
  ["a receiver with a key", "notifications[0].headers.X-API-Key", (text) => notifying({ "X-API-Key": [text] })],
  [
    "what is asked for its health",
    "health.http.headers.Cookie",
    (text) => registry({ health: { http: [{ url, headers: { Cookie: [text] } }] } }),
  ],
];

describe.each(SECRETS)("the secret of %s", (_, field, create) => {
  test.each(["hunter2", ""])("must not be written in the code (%p)", (text) => {
    expect(() => create(text)).toThrow(expect.objectContaining({ message: expect.stringContaining(`${field} is `) }));
    expect(() => create(text)).toThrow(/expected a sensitive variable: .*TerraformVariable/);
    expect(() => create(text)).not.toThrow(/hunter2/);
  });

  test("may be what only the deploy knows", () => {
    expect(() => create(secret("secret"))).not.toThrow();
  });
});

test("headers without a secret may be written in the code", () => {
  expect(() => notifying({ "X-Team": ["platform"], Accept: ["application/json"] })).not.toThrow();
});
