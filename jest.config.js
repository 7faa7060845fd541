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

const withoutTerraform = { setupFiles: ["<rootDir>/__tests__/unit/setup.ts"] };

/** Projects that need an engine first make the machine ready, as `npm start` does. */
const onEngine = { globalSetup: "<rootDir>/testing/machine/setup.ts" };

module.exports = {
  projects: [
    project("unit", withoutTerraform),
    project("plan", onEngine),
    project("e2e", onEngine),
    project("fault", onEngine),
    // Long rounds, by hand only: npm run soak.
    project("soak", onEngine),
  ],
  testTimeout: 600000,
};
