import execa from "execa";

/** redis-cli in the cache's container, logged in as registries are. */
export class Redis {
  public constructor(private readonly container: string) {}

  public async run(...args: string[]): Promise<string> {
    return this.runAs("$(cat /config/current/password)", ...args);
  }

  public async runAs(password: string, ...args: string[]): Promise<string> {
    const command = `REDISCLI_AUTH=${password} redis-cli -s /run/redis/redis.sock "$@"`;
    const { stdout } = await execa("docker", ["exec", this.container, "sh", "-c", command, "sh", ...args]);
    return stdout.trim();
  }

  /** Another password, as if somebody else had set it; connections that are open are closed. */
  public async changePassword(password: string): Promise<void> {
    await this.run("config", "set", "requirepass", password);
    await this.runAs(password, "client", "kill", "type", "normal", "skipme", "yes");
  }

  public async restorePassword(from: string): Promise<void> {
    const restore = `REDISCLI_AUTH=${from} redis-cli -s /run/redis/redis.sock config set requirepass $(cat /config/current/password)`;
    await execa("docker", ["exec", this.container, "sh", "-c", restore]);
  }

  public async keys(): Promise<string[]> {
    return (await this.run("--scan")).split("\n").filter(Boolean);
  }
}
