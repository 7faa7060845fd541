import { LogDriver } from "../../../lib";

describe("a log driver", () => {
  test("keeps five files of 10 MiB", () => {
    expect(LogDriver.jsonFile()).toMatchObject({ name: "json-file", options: { "max-size": "10m", "max-file": "5" } });
  });

  test("keeps as many files of a size as it is told", () => {
    expect(LogDriver.jsonFile({ maxSizeMiB: 100, maxFiles: 3 }).options).toEqual({
      "max-size": "100m",
      "max-file": "3",
    });
  });

  test("can be any other of the engine", () => {
    const driver = LogDriver.of("syslog", { "syslog-address": "udp://192.0.2.1:514" });
    expect(driver).toMatchObject({ name: "syslog", options: { "syslog-address": "udp://192.0.2.1:514" } });
    expect(LogDriver.of("journald").options).toEqual({});
  });

  test.each(["maxSizeMiB", "maxFiles"])("fails when %s is not a whole number above zero", (field) => {
    for (const value of [0, -1, 1.5, "10"]) {
      expect(() => LogDriver.jsonFile({ [field]: value as number })).toThrow(
        new RegExp(`^LogDriver.jsonFile: ${field} is ${JSON.stringify(value)}, expected a whole number from 1 to`),
      );
    }
  });
});
