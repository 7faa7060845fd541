const project = (name, extra = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/__tests__/${name}/**/*.test.ts`],
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
    // As nginx runs them, but for the export.
    "/lib/proxy/njs/.+\\.js$": ["@swc/jest", { jsc: { target: "es2022" }, module: { type: "commonjs" } }],
  },
  // Scripts for nginx import each other by their bare names.
  modulePaths: ["<rootDir>/lib/proxy/njs"],
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/cdktf.out"],
  ...extra,
});

const withoutTerraform = {
  setupFiles: ["<rootDir>/__tests__/unit/setup.ts"],
  globalSetup: "<rootDir>/testing/machine/page.ts",
};

/** Projects that need an engine first make the machine ready, as `npm start` does. */
const onEngine = { globalSetup: "<rootDir>/testing/machine/setup.ts" };

/** `npm test` asks these of version 3 only, whose proxy is the same. */
const withVersion2 = ["e2e/users", "fault/users-rotation"].map((name) => `<rootDir>/__tests__/${name}.test.ts`);

module.exports = {
  projects: [
    project("unit", withoutTerraform),
    project("plan", onEngine),
    project("e2e", onEngine),
    project("fault", onEngine),
    // Faults whose figures are of a machine that does nothing else.
    project("alone", onEngine),
    // Long rounds, by hand only: npm run soak.
    project("soak", {
      ...onEngine,
      testMatch: ["<rootDir>/__tests__/soak/**/*.test.ts", ...withVersion2],
      setupFiles: ["<rootDir>/__tests__/soak/setup.ts"],
    }),
  ],
  testTimeout: 600000,
};
