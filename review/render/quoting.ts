const AS_THEY_STAND: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "@": "&#64;",
  "#": "&#35;",
};

/** A text as it stands, whatever is in it: no HTML, no mention of a user, no link, no formatting. */
export function literally(text: string): string {
  return text
    .replace(/[&<>@#]/g, (mark) => AS_THEY_STAND[mark])
    .replace(/([\\`*_[\]~$!])/g, "\\$1")
    .replace(/(https?):\/\//gi, "$1&#58;//")
    .replace(/\bwww\./gi, "www&#46;");
}

/** A text as inline code, with more backticks around than there are in it; a line's end would end it. */
export function code(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ");
  const around = "`".repeat(longestRun(line) + 1);
  const gap = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${around}${gap}${line}${gap}${around}`;
}

/** A block of code whose fence is longer than any in it. */
export function fence(text: string, language = "", indent = ""): string {
  const around = "`".repeat(Math.max(3, longestRun(text) + 1));
  return [`${around}${language}`, ...text.split("\n"), around].map((line) => `${indent}${line}`).join("\n");
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
