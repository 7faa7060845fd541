import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const lib = path.join(__dirname, "..", "..", "..", "lib");
const index = readFileSync(path.join(lib, "index.ts"), "utf8");

type Declared = ts.ClassDeclaration | ts.InterfaceDeclaration | ts.EnumDeclaration;

/** What the library exports, as its sources declare it. */
const declarations: Declared[] = [...index.matchAll(/^export \{([^}]*)\} from "(.*)";$/gm)].flatMap(
  ([, names, module]) => {
    const file = path.join(lib, `${module}.ts`);
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    const isDeclared = (node: ts.Node): node is Declared =>
      ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isEnumDeclaration(node);
    const exported: string[] = names.match(/\w+/g) ?? [];
    return source.statements.filter(isDeclared).filter(({ name }) => exported.includes(name?.text ?? ""));
  },
);

const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;

const isPublic = (node: ts.ClassElement | ts.TypeElement): boolean =>
  (ts.getCombinedModifierFlags(node as ts.Declaration) & HIDDEN) === 0;

/** Public members with their names, as in `NginxProxy.constructor`. */
const members = declarations.flatMap((declared) =>
  ts.isEnumDeclaration(declared)
    ? []
    : [...declared.members].filter(isPublic).map((node) => ({
        node,
        inherited: inherited(declared, node.name?.getText() ?? ""),
        name: `${declared.name?.text}.${ts.isConstructorDeclaration(node) ? "constructor" : node.name?.getText()}`,
      })),
);

/** Where an interface that it implements has the member, and what is said of it there counts. */
function inherited({ heritageClauses }: ts.ClassDeclaration | ts.InterfaceDeclaration, member: string): boolean {
  const parents = heritageClauses?.flatMap(({ types }) => types.map((type) => type.expression.getText())) ?? [];
  return declarations.some(
    (one) =>
      parents.includes(one.name?.text ?? "") &&
      !ts.isEnumDeclaration(one) &&
      ([...one.members].some(({ name }) => name?.getText() === member) || inherited(one, member)),
  );
}

function comment(node: ts.Node): string {
  return (ts.getLeadingCommentRanges(node.getSourceFile().text, node.getFullStart()) ?? [])
    .map(({ pos, end }) => node.getSourceFile().text.slice(pos, end))
    .filter((text) => text.startsWith("/**"))
    .join("\n");
}

/** Whether it throws by itself, or has its arguments checked by a function that does; functions of its file are looked into. */
function throws(node: ts.Node): boolean {
  const seen = new Set<ts.Node>();
  const functions = new Map<string, ts.Node>();
  for (const statement of node.getSourceFile().statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name) {
      functions.set(statement.name.text, statement);
    }
  }
  const visit = (part: ts.Node): boolean => {
    if (seen.has(part)) {
      return false;
    }
    seen.add(part);
    if (ts.isThrowStatement(part)) {
      return true;
    }
    if (ts.isCallExpression(part) && ts.isIdentifier(part.expression)) {
      const called = part.expression.text;
      const own = functions.get(called);
      if (/^require[A-Z]/.test(called) || (own !== undefined && visit(own))) {
        return true;
      }
    }
    return ts.forEachChild(part, (child) => visit(child) || undefined) ?? false;
  };
  return visit(node);
}

describe("what a reader of the reference finds", () => {
  it("a sentence on every class, interface, enum and member", () => {
    expect(declarations.length).toBeGreaterThan(120);
    const silent = declarations.filter((node) => comment(node) === "").map(({ name }) => name?.text);
    const mute = members.filter(
      ({ node, inherited }) => !inherited && !ts.isConstructorDeclaration(node) && !/\*\s+[\w`]/.test(comment(node)),
    );
    expect([...silent, ...mute.map(({ name }) => name)]).toEqual([]);
  });

  it("what is so when an optional prop is not given", () => {
    // What begins with an I is no props: a construct may have it or not.
    const optional = members.filter(
      ({ node, name }) => ts.isPropertySignature(node) && node.questionToken !== undefined && !/^I[A-Z]/.test(name),
    );
    expect(optional.length).toBeGreaterThan(200);
    expect(optional.filter(({ node }) => !comment(node).includes("@default")).map(({ name }) => name)).toEqual([]);
  });

  it("when a constructor or a factory throws", () => {
    const made = members.filter(
      ({ node }) =>
        ts.isConstructorDeclaration(node) || (ts.isMethodDeclaration(node) && /\bstatic\b/.test(node.getText())),
    );
    const throwing = made.filter(({ node }) => throws(node));
    expect(throwing.length).toBeGreaterThan(20);
    expect(throwing.filter(({ node }) => !comment(node).includes("@throws")).map(({ name }) => name)).toEqual([]);
  });
});
