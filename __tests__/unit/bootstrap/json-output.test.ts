import { jsonOf } from "../../../bootstrap/json-output";

describe("JSON that a program printed", () => {
  const warning = `There are some problems with the CLI configuration:
╷
│ Warning: Unable to open CLI configuration file
│
│ The CLI configuration file at "/none" does not exist.
╵
`;

  test.each([
    ["alone", ""],
    ["after a warning", warning],
    ["after a line that begins like JSON", "{not json}\n[WARN] neither\n"],
  ])("is read %s", (_, before) => {
    expect(jsonOf("terraform output", `${before}{\n  "a": {\n    "value": [1]\n  }\n}\n`)).toEqual({
      a: { value: [1] },
    });
  });

  test("fails with the program's own words when there is none", () => {
    expect(() => jsonOf("terraform output", warning)).toThrow(
      /^terraform output printed no JSON:\nThere are some problems/,
    );
  });
});
