import { parseVersionRange } from "../../../lib/maintenance/version-range";

const number = (version: string) => {
  const [major, minor, patch] = version.split(".").map(Number);
  return major * 1e10 + minor * 1e5 + patch;
};
const isIn = (range: string, version: string) => {
  const { from, below } = parseVersionRange("a test", "range", range);
  return number(version) >= from && number(version) < below;
};

describe("a range of versions", () => {
  it.each([
    ["*", ["0.0.0", "99999.0.0"], []],
    ["1", ["1.0.0", "1.99.9"], ["2.0.0", "0.9.9"]],
    ["1.x", ["1.0.0", "1.99.9"], ["2.0.0"]],
    ["1.2", ["1.2.0", "1.2.9"], ["1.3.0"]],
    ["v1.2.3", ["1.2.3"], ["1.2.4", "1.2.2"]],
    ["^1.4.2", ["1.4.2", "1.9.0"], ["1.4.1", "2.0.0"]],
    ["^0.4.2", ["0.4.2", "0.4.9"], ["0.5.0"]],
    ["^0.0.2", ["0.0.2"], ["0.0.3"]],
    ["~1.4.2", ["1.4.2", "1.4.9"], ["1.5.0"]],
    [">=1.0.0 <3", ["1.0.0", "2.9.9"], ["0.9.9", "3.0.0"]],
  ])("%s", (range, inside, outside) => {
    expect(inside.filter((version) => !isIn(range, version))).toEqual([]);
    expect(outside.filter((version) => isIn(range, version))).toEqual([]);
  });
});
