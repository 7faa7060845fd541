import { shipped } from "../../environments/shipped";
import { Deployment } from "../../testing/machine/deployment";

describe.each(Object.entries(shipped))("environment %s", (name, environment) => {
  let deployment: Deployment;

  beforeAll(() => {
    deployment = Deployment.of(`plan-${name}`, (app, id) => environment.create(app, id));
  });
  afterAll(() => deployment?.cleanUp());

  it("is valid Terraform", async () => {
    await expect(deployment.validate()).resolves.toBeUndefined();
  });

  it("can be planned, and only creates on an engine that has nothing of it", async () => {
    const { changes } = await deployment.plan();
    expect(changes).toMatchObject({ updated: [], replaced: [], destroyed: [] });
    expect(changes.created).toEqual(expect.arrayContaining([expect.stringMatching(/^docker_(container|service)\./)]));
  });
});
