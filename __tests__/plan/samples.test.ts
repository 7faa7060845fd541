import path from "node:path";
import ts from "typescript";
import { repository, samples } from "../unit/docs/pages";

/** The samples as files beside those that they import, without being written anywhere; by path, their names. */
const names = new Map<string, string>();
const files = new Map(
  samples("ts").map(({ name, code, isEnvironment, isApp }, i) => {
    const given = isEnvironment || isApp ? "" : 'declare const stack: import("cdktf").TerraformStack;\n';
    const file = path.join(repository, isEnvironment ? "environments" : ".", `sample-${i + 1}.ts`);
    names.set(file, name);
    return [file, given + code];
  }),
);

test("the samples of the documentation have the right types", () => {
  const { config } = ts.readConfigFile(path.join(repository, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, repository);
  const withPackage = { ...options, baseUrl: repository, paths: { "cdktf-docker-registry": ["lib"] } };
  const host = ts.createCompilerHost(withPackage);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  const program = ts.createProgram([...files.keys()], withPackage, host);
  const mistakes = [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${names.get(file)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
  expect(files.size).toBeGreaterThan(20);
  expect(mistakes).toEqual([]);
});
