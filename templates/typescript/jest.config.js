// tsc has compiled the tests.
module.exports = {
  roots: ["<rootDir>/out"],
  testMatch: ["**/*.test.js"],
  setupFilesAfterEnv: ["<rootDir>/jest.setup.js"],
};
