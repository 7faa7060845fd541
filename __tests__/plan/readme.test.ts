import path from "node:path";
import ts from "typescript";
import { repository, samples } from "../unit/docs/readme-samples";

/** The samples as files beside those that they import, without being written anywhere. */
const files = new Map(
  samples().map(({ code, isEnvironment }, i) => {
    const folder = isEnvironment ? "environments" : ".";
    const stack = /\bstack\b/.test(code) && !/const stack\b/.test(code) && !isEnvironment;
    const given = stack ? 'declare const stack: import("cdktf").TerraformStack;\n' : "";
    return [path.join(repository, folder, `readme-${i + 1}.ts`), given + code];
  }),
);

test("the samples of the README have the right types", () => {
  const { config } = ts.readConfigFile(path.join(repository, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, repository);
  const withPackage = { ...options, baseUrl: repository, paths: { "cdktf-docker-registry": ["lib"] } };
  const host = ts.createCompilerHost(withPackage);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  const program = ts.createProgram([...files.keys()], withPackage, host);
  const mistakes = [...files.keys()].flatMap((name) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${path.basename(name)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
  expect(files.size).toBeGreaterThan(3);
  expect(mistakes).toEqual([]);
});
