import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const lib = path.join(__dirname, "..", "..", "..", "lib");

/** An exported class or interface of the library. */
interface Declaration {
  readonly parents: string[];
  /** Names of its members, with the name of each one's type, or of what a method takes as its last parameter. */
  readonly members: Map<string, string | undefined>;
}

/** What the library exports, as its source says it: names of props do not exist when it runs. */
export class PublicApi {
  private readonly declarations = new Map<string, Declaration>();
  private readonly names = new Set<string>();

  public constructor() {
    const index = readFileSync(path.join(lib, "index.ts"), "utf8");
    for (const [, names, module] of index.matchAll(/^export \{([^}]*)\} from "(.*)";$/gm)) {
      const exported: string[] = names.match(/\w+/g) ?? [];
      for (const name of exported) {
        this.names.add(name);
      }
      const file = `${module}.ts`;
      const source = ts.createSourceFile(file, readFileSync(path.join(lib, file), "utf8"), ts.ScriptTarget.ES2022);
      for (const statement of source.statements) {
        const isType = ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement);
        const name = isType ? (statement.name?.text ?? "") : "";
        if (isType && exported.includes(name)) {
          this.declarations.set(name, declaration(statement, source));
        }
      }
    }
  }

  public has(type: string): boolean {
    return this.declarations.has(type);
  }

  /** Whether it is a public name; enums are, too. */
  public exports(name: string): boolean {
    return this.names.has(name);
  }

  /** Whether any of the types has such a member. */
  public hasMember(member: string): boolean {
    return [...this.declarations.values()].some(({ members }) => members.has(member));
  }

  /** Where a type's member is declared, as in `RegistryLog.level`, and the member's own type. */
  public find(type: string, member: string): { readonly declared: string; readonly type?: string } | undefined {
    const found = this.declarations.get(type);
    if (found?.members.has(member)) {
      return { declared: `${type}.${member}`, type: found.members.get(member) };
    }
    const [inherited] = (found?.parents ?? []).flatMap((parent) => this.find(parent, member) ?? []);
    return inherited;
  }

  /** Each member of the types, of their parents, and of whatever their members are made of. */
  public membersOf(types: string[], seen = new Set<string>()): string[] {
    return types.flatMap((type) => {
      const found = this.declarations.get(type);
      // What begins with an I is no setting, but a part that has settings of its own.
      if (found === undefined || seen.has(type) || /^I[A-Z]/.test(type)) {
        return [];
      }
      seen.add(type);
      const made = [...found.members.values()].filter((name): name is string => /^[A-Z]/.test(name ?? ""));
      const settings = made.filter((name) => !this.isClass(name));
      return [
        ...[...found.members.keys()].map((member) => `${type}.${member}`),
        ...this.membersOf([...found.parents, ...settings], seen),
      ];
    });
  }

  private isClass(type: string): boolean {
    return this.declarations.get(type)?.members.has("constructor") ?? false;
  }
}

function declaration(node: ts.InterfaceDeclaration | ts.ClassDeclaration, source: ts.SourceFile): Declaration {
  const members = new Map<string, string | undefined>(ts.isClassDeclaration(node) ? [["constructor", undefined]] : []);
  for (const member of node.members) {
    const type = ts.isMethodDeclaration(member)
      ? member.parameters.at(-1)?.type
      : ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)
        ? member.type
        : undefined;
    if (member.name) {
      members.set(member.name.getText(source), type?.getText(source).replace("[]", ""));
    }
  }
  const parents = node.heritageClauses?.flatMap(({ types }) => types.map((type) => type.getText(source))) ?? [];
  return { parents, members };
}
