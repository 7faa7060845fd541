import type { Assembly, Docs, Member, Type, TypeReference } from "./assembly";

/** A sample in the languages that it was translated to, by the names of the languages. */
export type Samples = (type: Type) => readonly (readonly [language: string, code: string])[];

/** Renders the page of a class with its props, or of an interface or enum that belongs to none. */
export class PageRenderer {
  public constructor(
    private readonly assembly: Assembly,
    private readonly samples: Samples,
  ) {}

  /** Types by the page that they are on. */
  public pages(): Map<string, Type[]> {
    const pages = new Map<string, Type[]>();
    const types = Object.values(this.assembly.types).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const type of types) {
      const page = this.pageOf(type);
      pages.set(page, [...(pages.get(page) ?? []), type]);
    }
    for (const [page, on] of pages) {
      pages.set(page, [...on.filter(({ name }) => name === page), ...on.filter(({ name }) => name !== page)]);
    }
    return pages;
  }

  public index(): string {
    const rows = [...this.pages()].map(
      ([page, [{ docs }]]) => `| [${page}](api/${page}.md) | ${cell(docs?.summary)} |`,
    );
    return [
      "# Reference",
      `Every class of ${this.assembly.name} ${this.assembly.version} with its props: type, default, and what it throws.`,
      table(["page", "what it is"], rows),
    ].join("\n\n");
  }

  public page(types: readonly Type[]): string {
    return `${types.flatMap((type, i) => this.sections(type, i === 0 ? "#" : "##")).join("\n\n")}\n`;
  }

  /** A class has its props and enums with it: what begins with its name. */
  private pageOf(type: Type): string {
    if (type.kind === "class" || (type.kind === "interface" && !type.datatype)) {
      return type.name;
    }
    const classes = Object.values(this.assembly.types).filter(({ kind }) => kind === "class");
    const owners = classes.map(({ name }) => name).filter((name) => type.name.startsWith(name));
    return owners.sort((a, b) => b.length - a.length)[0] ?? type.name;
  }

  private sections(type: Type, heading: string): string[] {
    const { docs, initializer, members = [], methods = [], name } = type;
    const own = this.withInherited(type).filter((one) => !one.protected);
    const sections = [`${heading} ${name}`, ...prose(docs)];
    const samples = this.samples(type);
    if (samples.length > 0) {
      sections.push(`${heading}# Sample`, ...samples.map(([language, code]) => `${language}:\n\n${code}`));
    }
    if (initializer !== undefined) {
      sections.push(`${heading}# new ${name}(${this.parameters(initializer)})`, ...prose(initializer.docs));
    }
    if (members.length > 0) {
      const rows = members.map((one) => `| \`${one.name}\` | ${cell(text(one.docs))} |`);
      sections.push(table(["value", "what it means"], rows));
    }
    if (own.length > 0) {
      const rows = own.map(
        (one) =>
          `| \`${one.static ? `${name}.` : ""}${one.name}${one.optional ? "?" : ""}\` | ${this.link(one.type)} | ${type.datatype ? `${cell(one.optional ? one.docs?.default : "required")} | ` : ""}${cell(text(one.docs))} |`,
      );
      sections.push(
        table(type.datatype ? ["prop", "type", "default", "what it is"] : ["member", "type", "what it is"], rows),
      );
    }
    for (const method of methods.filter((one) => !one.protected)) {
      const title = `${method.static ? `${name}.` : ""}${method.name}(${this.parameters(method)})`;
      const returns = method.returns ? `: ${this.plain(method.returns.type)}` : "";
      sections.push(`${heading}# ${title}${returns}`, ...prose(method.docs), ...explained(method));
    }
    return sections;
  }

  /** A reader need not know which props a type has from another one. */
  private withInherited(type: Type): Member[] {
    const parents = type.datatype ? (type.interfaces ?? []).map((fqn) => this.assembly.types[fqn]) : [];
    const all = [type, ...parents.filter((one) => one !== undefined)].flatMap((one, i) =>
      i === 0 ? (one.properties ?? []) : this.withInherited(one),
    );
    const byName = new Map(all.reverse().map((one) => [one.name, one]));
    return [...byName.values()].sort(
      (a, b) => Number(b.static ?? 0) - Number(a.static ?? 0) || Number(a.optional ?? 0) - Number(b.optional ?? 0),
    );
  }

  private parameters({ parameters = [] }: Pick<Member, "parameters">): string {
    return parameters
      .map(
        ({ name, optional, type, variadic }) =>
          `${variadic ? "..." : ""}${name}${optional ? "?" : ""}: ${this.plain(type)}`,
      )
      .join(", ");
  }

  private plain({ primitive, fqn, collection }: TypeReference): string {
    if (collection !== undefined) {
      const element = this.plain(collection.elementtype);
      return collection.kind === "array" ? `${element}[]` : `{ [key]: ${element} }`;
    }
    return primitive ?? fqn?.split(".").at(-1) ?? "any";
  }

  private link(type: TypeReference | undefined): string {
    if (type === undefined) {
      return "";
    }
    const known = this.assembly.types[(type.collection?.elementtype ?? type).fqn ?? ""];
    const name = `\`${this.plain(type)}\``;
    return known === undefined ? name : `[${name}](${this.pageOf(known)}.md#${known.name.toLowerCase()})`;
  }
}

function prose(docs: Docs | undefined): string[] {
  const { summary, remarks, returns, custom, see } = docs ?? {};
  return [
    ...(summary === undefined ? [] : [summary]),
    ...(remarks === undefined ? [] : [remarks]),
    ...(returns === undefined ? [] : [`Returns ${returns}`]),
    ...(custom?.throws === undefined ? [] : [`**Throws** ${custom.throws.replace(/\s+/g, " ")}.`]),
    ...(see === undefined ? [] : [`See ${see}`]),
  ];
}

function explained({ parameters = [] }: Member): string[] {
  const said = parameters.filter(({ docs }) => docs?.summary !== undefined);
  return said.length === 0 ? [] : [said.map(({ name, docs }) => `- \`${name}\`: ${text(docs)}`).join("\n")];
}

const text = ({ summary = "", remarks = "" }: Docs = {}): string => `${summary} ${remarks}`.trim();

const cell = (words = ""): string => words.replace(/^- /, "").replace(/\s+/g, " ").replaceAll("|", "\\|");

const table = (head: readonly string[], rows: readonly string[]): string =>
  [`| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`, ...rows].join("\n");
