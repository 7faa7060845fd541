import { type AccessRule, EVERYBODY } from "../registry/registry-rights";
import { Permission } from "./permission";

/** What has been granted to whom. */
export class GrantedRights {
  private readonly byName = new Map<string, Permission[]>();

  /** Whether anything but the short forms was granted: something of some repositories only, or to everybody. */
  public get areByRepository(): boolean {
    return this.byName.size > 0;
  }

  public get areForEverybody(): boolean {
    return this.byName.has(EVERYBODY);
  }

  public grant(name: string, ...permissions: Permission[]): void {
    if (permissions.length > 0) {
      this.byName.set(name, [...(this.byName.get(name) ?? []), ...permissions]);
    }
  }

  /**
   * All rules, those for everybody first.
   *
   * @param pushUsers names of those who may do everything
   * @param pullUsers names of those who may pull everything
   */
  public rules(pushUsers: string[], pullUsers: string[]): AccessRule[] {
    const short = (name: string): Permission[] => [
      ...(pushUsers.includes(name) ? [Permission.all("**")] : []),
      ...(pullUsers.includes(name) ? [Permission.pull("**")] : []),
    ];
    // In the order of code units "*" comes before every name.
    const names = [...new Set([...this.byName.keys(), ...pushUsers, ...pullUsers])].sort();
    return names.flatMap((who) =>
      [...short(who), ...(this.byName.get(who) ?? [])].map(({ repositories, actions }) => ({
        who,
        repositories: [...repositories],
        actions: [...actions],
      })),
    );
  }
}
