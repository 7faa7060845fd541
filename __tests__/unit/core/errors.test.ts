import { Token } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "../../../lib/core/errors";
import { requirePort, requireWholeNumber } from "../../../lib/core/validation";
import { stackOf } from "../synth";

describe("an error about an input", () => {
  const input = { where: "PublicEndpoint.http", field: "port", expected: "a port", fix: "write 5000" };

  test("says where, which field, what it is, what it should be and how to mend it", () => {
    expect(invalidInput({ ...input, got: 0 }).message).toBe(
      "PublicEndpoint.http: port is 0, expected a port. Fix: write 5000.",
    );
  });

  test("names a construct by its path", () => {
    const where = new Construct(stackOf("production"), "Registry");
    expect(invalidInput({ ...input, where, got: 0 }).message).toMatch(/^production\/Registry: port is 0/);
  });

  test("tells a string from a number", () => {
    expect(invalidInput({ ...input, got: "5000" }).message).toContain('port is "5000"');
  });

  test("tells what was left out", () => {
    expect(invalidInput({ ...input, got: undefined }).message).toContain("port is not set");
  });
});

describe("a port", () => {
  test.each([1, 80, 65535])("may be %p", (port) => {
    expect(() => requirePort("proxy", "port", port)).not.toThrow();
  });

  test("may be left out", () => {
    expect(() => requirePort("proxy", "port", undefined)).not.toThrow();
  });

  test("may be known to the deploy only", () => {
    expect(() => requirePort("proxy", "port", Token.asNumber({ resolve: () => 5000 }))).not.toThrow();
  });

  test.each([0, -1, 65536, 70000, 1.5, Number.NaN, "5000", null])("fails when it is %p", (port) => {
    expect(() => requirePort("proxy", "port", port)).toThrow(
      `proxy: port is ${typeof port === "number" ? port : JSON.stringify(port)}, expected a whole number from 1 to 65535. Fix: write a number such as 5000, without quotes.`,
    );
  });
});

describe("a whole number", () => {
  test("fails outside its range and names the range", () => {
    expect(() => requireWholeNumber("proxy", "bodyLimitMiB", -1, { min: 0, max: 9, example: 0 })).toThrow(
      "proxy: bodyLimitMiB is -1, expected a whole number from 0 to 9. Fix: write a number such as 0, without quotes.",
    );
  });
});
