import { request } from "./http";

/** What a registry's metrics say: the sum of all samples of a name with the given labels. */
export async function metric(url: string, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { text } = await request(url);
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
