import execa from "execa";
import { Docker } from "../../bootstrap/docker";
import { ExpectedFailure } from "../../bootstrap/failure";
import { withReasons } from "../../bootstrap/unhealthy";
import { images } from "../../environments/images";
import { inspect } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { runName } from "../../testing/machine/scratch";

describe("a deploy whose container does not become healthy", () => {
  const sick = runName("sick");
  const well = runName("well");
  const start = (name: string, health: string, script: string) =>
    execa("docker", [
      ...["run", "--detach", `--name=${name}`, "--network=none", "--health-interval=1s", "--health-retries=1"],
      ...[`--health-cmd=${health}`, "--entrypoint=/bin/sh", images.nginx.reference, "-c", script],
    ]);
  const failure = new ExpectedFailure("terraform apply failed: container failed to be in healthy state");

  beforeAll(async () => {
    await start(
      sick,
      "echo no answer on port 8079; exit 1",
      "echo 1; echo 2; echo 3; echo 4; echo 5; echo 6; sleep 600",
    );
    await start(well, "true", "sleep 600");
    await eventually(async () => expect((await inspect(sick)).State.Health.Status).toBe("unhealthy"), 20000);
    await eventually(async () => expect((await inspect(well)).State.Health.Status).toBe("healthy"), 20000);
  });
  afterAll(() => execa("docker", ["rm", "--force", sick, well]));

  it("is told with the last check and the last lines of the log, of that container only", async () => {
    const told = (await withReasons(failure, new Docker(), [sick, well, "never-made"])) as Error;
    expect(told.message).toMatch(/^terraform apply failed: container failed to be in healthy state\n/);
    expect(told.message).toContain(`${sick} is running.\n  last health check:\n    no answer on port 8079\n`);
    expect(told.message).toMatch(/last lines of its log:\n {4}2\n[\s\S]* {4}6/);
    expect(told.message).not.toContain(well);
  });

  it("is told as it is when the reason is another one", async () => {
    const other = new ExpectedFailure("terraform apply failed: port is already allocated");
    expect(await withReasons(other, new Docker(), [sick])).toBe(other);
  });
});
