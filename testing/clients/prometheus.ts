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

/** A Prometheus that is published on this machine. */
export class Prometheus {
  constructor(private readonly port: number) {}

  /** The samples of a query at a time, in seconds, with their labels. */
  public async query(expression: string, time?: number): Promise<{ labels: Record<string, string>; value: number }[]> {
    const parameters = new URLSearchParams({ query: expression, ...(time ? { time: String(time) } : {}) });
    const { status, text } = await request(`http://127.0.0.1:${this.port}/api/v1/query?${parameters}`);
    if (status !== 200) {
      throw new Error(`${expression}: ${text}`);
    }
    return JSON.parse(text).data.result.map(
      ({ metric: labels, value }: { metric: Record<string, string>; value: [number, string] }) => ({
        labels,
        value: Number(value[1]),
      }),
    );
  }

  /** Names of the alerts that fire. */
  public async firing(): Promise<string[]> {
    const alerts = await this.query('ALERTS{alertstate="firing"}');
    return [...new Set(alerts.map(({ labels }) => labels.alertname))].sort();
  }
}
