import { Network } from "@cdktf/provider-docker/lib/network";
import { TerraformVariable } from "cdktf";
import { parse } from "yaml";
import {
  IndexPlatforms,
  MailHookLevel,
  NotificationAction,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryImage,
  RegistryLogFormatter,
  RegistryLogLevel,
} from "../../../../lib";
import { resources, reviewed, stackOf, synth } from "../../synth";

const synthRegistry = (props: RegistryContainerProps) =>
  synth((stack) => new RegistryContainer(stack, "Registry", props));
const container = (props: RegistryContainerProps) => resources(synthRegistry(props), "docker_container").Registry;

function config(props: RegistryContainerProps) {
  const { upload } = resources(synthRegistry(props), "docker_container").Registry_Config_Writer;
  return parse(upload.find(({ file }: { file: string }) => file.endsWith("config.yml")).content);
}

const v2 = RegistryImage.V2;
const endpoint = { name: "audit", url: "https://audit.example.com/events" };

describe("the settings of a registry", () => {
  test.each<[string, RegistryContainerProps, object]>([
    ["log level", { log: { level: RegistryLogLevel.DEBUG } }, { log: { level: "debug" } }],
    ["log formatter", { log: { formatter: RegistryLogFormatter.LOGSTASH } }, { log: { formatter: "logstash" } }],
    ["log fields", { log: { fields: { environment: "test" } } }, { log: { fields: { environment: "test" } } }],
    ["access log", { log: { accessLog: true } }, { log: { accesslog: { disabled: false } } }],
    ["caller in the log", { log: { reportCaller: true } }, { log: { reportcaller: true } }],
    ["headers", { headers: { "X-Frame-Options": ["deny"] } }, { http: { headers: { "X-Frame-Options": ["deny"] } } }],
    ["public URL", { publicUrl: "https://r.example.com" }, { http: { host: "https://r.example.com" } }],
    ["relative URLs", { relativeUrls: true }, { http: { relativeurls: true } }],
    ["path prefix", { pathPrefix: "/team/" }, { http: { prefix: "/team/" } }],
    ["HTTP/2", { http2Enabled: false }, { http: { http2: { disabled: true } } }],
    ["read-only", { readOnly: true }, { storage: { maintenance: { readonly: { enabled: true } } } }],
    [
      "upload purging",
      { uploadPurging: { ageHours: 24, intervalHours: 1, dryRun: true } },
      { storage: { maintenance: { uploadpurging: { enabled: true, age: "24h", interval: "1h", dryrun: true } } } },
    ],
    ["catalog's limit", { catalogLimit: 10 }, { catalog: { maxentries: 10 } }],
    ["tag list's limit", { tagListLimit: 10 }, { tags: { maxtags: 10 } }],
    ["look-up of tags", { tagLookupConcurrency: 4 }, { storage: { tag: { concurrencylimit: 4 } } }],
    ["classes", { repositoryClasses: ["image"] }, { policy: { repository: { classes: ["image"] } } }],
    ["old manifests", { image: v2, schema1Enabled: true }, { compatibility: { schema1: { enabled: true } } }],
    [
      "validation of manifests",
      {
        manifestValidation: {
          allowedUrls: ["^https://example\\.com/"],
          deniedUrls: ["^https://example\\.com/old/"],
          indexPlatforms: IndexPlatforms.LIST,
          indexPlatformList: [{ os: "linux", architecture: "amd64" }],
        },
      },
      {
        validation: {
          disabled: false,
          manifests: {
            urls: { allow: ["^https://example\\.com/"], deny: ["^https://example\\.com/old/"] },
            indexes: { platforms: "list", platformlist: [{ os: "linux", architecture: "amd64" }] },
          },
        },
      },
    ],
    [
      "health checks",
      {
        health: {
          storage: { intervalSeconds: 5, threshold: 2 },
          files: [{ path: "/config/current/down" }],
          http: [{ url: "http://licence.example.com/ok", statusCode: 204 }],
          tcp: [{ address: "ldap.example.com:636", timeoutSeconds: 1 }],
        },
      },
      {
        health: {
          storagedriver: { enabled: true, interval: "5s", threshold: 2 },
          file: [{ file: "/config/current/down", interval: "10s" }],
          http: [
            { uri: "http://licence.example.com/ok", statuscode: 204, timeout: "3s", interval: "10s", threshold: 3 },
          ],
          tcp: [{ addr: "ldap.example.com:636", timeout: "1s", interval: "10s", threshold: 3 }],
        },
      },
    ],
    [
      "notifications",
      {
        notifications: [
          {
            ...endpoint,
            headers: { "X-Team": ["platform"] },
            timeoutMs: 500,
            threshold: 10,
            backoffMs: 2000,
            ignoredMediaTypes: ["application/octet-stream"],
            ignoredActions: [NotificationAction.PULL],
          },
        ],
        notifyReferences: true,
      },
      {
        notifications: {
          events: { includereferences: true },
          endpoints: [
            {
              name: "audit",
              disabled: false,
              url: "https://audit.example.com/events",
              headers: { "X-Team": ["platform"] },
              timeout: "500ms",
              threshold: 10,
              backoff: "2000ms",
              ignore: { mediatypes: ["application/octet-stream"], actions: ["pull"] },
            },
          ],
        },
      },
    ],
    [
      "mails",
      {
        log: {
          mailHooks: [{ smtpAddress: "mail.example.com:25", sender: "a@example.com", receivers: ["b@example.com"] }],
        },
      },
      {
        log: {
          hooks: [
            {
              type: "mail",
              disabled: false,
              levels: [MailHookLevel.PANIC],
              options: {
                smtp: { addr: "mail.example.com:25" },
                from: "a@example.com",
                to: ["b@example.com"],
              },
            },
          ],
        },
      },
    ],
  ])("%s", (_, props, expected) => {
    expect(config(props)).toMatchObject(expected);
  });

  test("overrides win over all others", () => {
    expect(config({ catalogLimit: 10, configOverrides: { catalog: { maxentries: 5 } } }).catalog.maxentries).toBe(5);
  });
});

describe("a way out of the registry's container", () => {
  test("is there where a setting needs one", () => {
    const synthesised = synthRegistry({ notifications: [endpoint] });
    expect(synthesised).toHaveResourceWithProperties(Network, { name: "local-registry-outbound" });
  });

  test("is not there where all receivers are off", () => {
    expect(container({ notifications: [{ ...endpoint, disabled: true }] }).network_mode).toBe("none");
  });

  test("is the network that the user names", () => {
    const props = { notifications: [endpoint], networkNames: ["monitoring"] };
    expect(container(props).networks_advanced).toEqual([{ name: "monitoring" }]);
    expect(synthRegistry(props)).not.toHaveResource(Network);
  });
});

describe("traces", () => {
  test("are off", () => {
    expect(container({}).env).toContain("OTEL_TRACES_EXPORTER=none");
    expect(container({ image: v2 }).env.join()).not.toContain("OTEL");
  });

  test("are sent to a collector", () => {
    expect(container({ tracing: { otlpEndpoint: "http://collector:4318" } }).env).toEqual(
      expect.arrayContaining(["OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318"]),
    );
  });
});

test("a value that is known at deploy time only cannot break the file, and no plan shows it", () => {
  const synthesised = synth((stack) => {
    const token = new TerraformVariable(stack, "token", { sensitive: true }).stringValue;
    new RegistryContainer(stack, "Registry", {
      notifications: [{ ...endpoint, headers: { Authorization: [`Bearer ${token}`] } }],
    });
  });
  const file = resources(synthesised, "docker_container").Registry_Config_Writer.upload.find((each: { file: string }) =>
    each.file.endsWith("config.yml"),
  );
  expect(file.content).toContain('- ${jsonencode("Bearer ${var.token}")}');
  const review = reviewed(synthesised, "Registry_Config")["config.yml"];
  expect(parse(review).notifications.endpoints[0].headers).toEqual({ Authorization: ["(sensitive)"] });
});

describe("fails when", () => {
  const stack = stackOf();
  let count = 0;
  const failure = (props: RegistryContainerProps) => () => new RegistryContainer(stack, `R${count++}`, props);

  test.each<[string, RegistryContainerProps, RegExp]>([
    [
      "the log level is unknown",
      { log: { level: "loud" as RegistryLogLevel } },
      /log\.level is "loud", expected one of error, warn/,
    ],
    [
      "version 2 is to name callers",
      { image: v2, log: { reportCaller: true } },
      /log\.reportCaller is true, expected nothing, because the image is distribution 2/,
    ],
    [
      "version 2 is to send traces",
      { image: v2, tracing: { otlpEndpoint: "http://c:4318" } },
      /tracing .* only version 3 knows/,
    ],
    ["version 2 is to limit tags", { image: v2, tagListLimit: 5 }, /tagListLimit is 5, .* only version 3 knows/],
    [
      "version 2 is to check indexes",
      { image: v2, manifestValidation: { indexPlatforms: IndexPlatforms.NONE } },
      /indexPlatforms .* only version 3 knows/,
    ],
    [
      "version 3 is to serve old manifests",
      { schema1Enabled: true },
      /schema1Enabled is true, .* only version 2 knows/,
    ],
    [
      "a receiver has no scheme",
      { notifications: [{ name: "a", url: "audit.example.com" }] },
      /notifications\[0\]\.url is "audit\.example\.com", expected a URL with its scheme/,
    ],
    ["two receivers have one name", { notifications: [endpoint, endpoint] }, /notifications\[1\]\.name is "audit"/],
    [
      "a duration is negative",
      { notifications: [{ ...endpoint, timeoutMs: -1 }] },
      /notifications\[0\]\.timeoutMs is -1, expected a whole number from 1/,
    ],
    [
      "a duration is a text",
      { notifications: [{ ...endpoint, backoffMs: "1 s" as unknown as number }] },
      /backoffMs is "1 s", expected a whole number/,
    ],
    [
      "an action is unknown",
      { notifications: [{ ...endpoint, ignoredActions: ["peek" as NotificationAction] }] },
      /ignoredActions is "peek"/,
    ],
    ["uploads are purged before they begin", { uploadPurging: { ageHours: -1 } }, /uploadPurging\.ageHours is -1/],
    [
      "a mail server has a scheme",
      { log: { mailHooks: [{ smtpAddress: "smtp://mail.example.com:25", sender: "a", receivers: ["b"] }] } },
      /smtpAddress is "smtp:\/\/mail\.example\.com:25", expected host and port, without a scheme/,
    ],
    ["a file to check is relative", { health: { files: [{ path: "down" }] } }, /health\.files\.path is "down"/],
    ["a prefix has no slash at its end", { pathPrefix: "/team" }, /pathPrefix is "\/team"/],
    [
      "a list of platforms is not asked for",
      { manifestValidation: { indexPlatformList: [{ os: "linux", architecture: "amd64" }] } },
      /indexPlatformList .* expected platforms where indexPlatforms is/,
    ],
  ])("%s", (_, props, message) => {
    expect(failure(props)).toThrow(message);
  });
});
