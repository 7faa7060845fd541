import type { IConstruct } from "constructs";
import { registriesOnStorageOf } from "./shared-storage";

/** What a registry's one proxy sees to, as the only way by which anything is pushed. */
export class OneProxy {
  private readonly proxies: string[] = [];

  /**
   * @param field the prop that asks for it
   * @param why two proxies are no good
   */
  constructor(
    private readonly field: string,
    private readonly why: string,
  ) {}

  /** @param proxy path of the proxy, for messages */
  public add(proxy: string): void {
    this.proxies.push(proxy);
  }

  /** Where nobody sees to it, or several do. */
  public validate(where: IConstruct): string[] {
    const others = registriesOnStorageOf(where).map(
      (other) =>
        `${where.node.path}: ${this.field} are kept by the one proxy of a storage, and ${other} is a registry on the same one. Fix: put one registry on it, or leave ${this.field} out`,
    );
    if (this.proxies.length === 1) {
      return others;
    }
    const got = this.proxies.length === 0 ? "no proxy is in front of it" : `it has ${this.proxies.join(" and ")}`;
    return [
      `${where.node.path}: ${this.field} are kept by the one NginxProxy of a registry, and ${got}: ${this.why}. Fix: put one NginxProxy in front, or leave ${this.field} out`,
    ];
  }
}
