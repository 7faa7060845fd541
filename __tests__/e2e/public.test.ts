import fs from "node:fs";
import path from "node:path";
import { Crane, DockerClient, Oras, Regctl, Skopeo } from "../../testing/clients/clients";
import { TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { freePort } from "../../testing/machine/ports";
import { shippedEnvironment } from "../../testing/stacks/shipped-environment";

describe("the environment public, where everybody pulls and some push, at one address", () => {
  let deployment: Deployment;
  let host: string;
  let trust: string;
  let image: TestImage;
  let logins: { [user: string]: { user: string; password: string } };
  const loaded: string[] = [];
  const NAME = "team/app:1";

  const directory = (name: string) => {
    const made = path.join(deployment.directory, name);
    fs.mkdirSync(made, { recursive: true });
    return made;
  };
  const ca = () => path.join(trust, "ca.crt");

  beforeAll(async () => {
    const port = await freePort();
    host = `localhost:${port}`;
    deployment = Deployment.of("public", shippedEnvironment("public", port));
    await deployment.apply();
    const { users, ca_certificate } = await deployment.outputs();
    logins = Object.fromEntries(
      Object.entries(users as Record<string, string>).map(([user, password]) => [user, { user, password }]),
    );
    trust = directory("trust");
    fs.writeFileSync(ca(), ca_certificate as string);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [1000, 2000] });
    const crane = new Crane(directory("team"), { ca: ca() });
    await crane.login(host, logins.team);
    await crane.push(image.directory, `${host}/${NAME}`);
  });
  afterAll(async () => {
    if (loaded.length > 0) {
      await new DockerClient(deployment.directory).remove(...loaded);
    }
    await deployment?.cleanUp();
  });

  it("lets docker's classic engine pull without a login, and push with one where its user may", async () => {
    const docker = new DockerClient(directory("docker"));
    const [pulled, mine, others] = [NAME, "team/docker:1", "other/docker:1"].map((name) => `${host}/${name}`);
    loaded.push(pulled, mine, others);
    await docker.pull(pulled);
    await docker.tag(pulled, mine);
    await docker.tag(pulled, others);
    await expect(docker.push(mine)).rejects.toThrow(/denied/);
    await expect(docker.login(host, { user: "team", password: "wrong" })).rejects.toThrow(/unauthorized/);
    await docker.login(host, logins.team);
    await docker.push(mine);
    await expect(docker.push(others)).rejects.toThrow(/denied: .*: team may not push to other\/docker/);
    await docker.login(host, logins.developer);
    await docker.push(others);
  });

  it("lets crane", async () => {
    const nobody = new Crane(directory("crane-nobody"), { ca: ca() });
    await nobody.pull(`${host}/${NAME}`, path.join(directory("crane-nobody"), "pulled"));
    expect(await nobody.run(["catalog", host])).toContain("team/app");
    await expect(nobody.push(image.directory, `${host}/team/crane:1`)).rejects.toThrow(/UNAUTHORIZED/);
    const team = new Crane(directory("crane"), { ca: ca() });
    await team.login(host, logins.team);
    await team.push(image.directory, `${host}/team/crane:1`);
    await team.run(["copy", `${host}/${NAME}`, `${host}/team/copy:1`]);
    await expect(team.push(image.directory, `${host}/other/crane:1`)).rejects.toThrow(
      /team may not push to other\/crane/,
    );
    const manifest = `${host}/team/copy@${image.manifest.digest}`;
    await expect(team.run(["delete", manifest])).rejects.toThrow(/team may not delete in team\/copy/);
    await team.login(host, logins.developer);
    await team.run(["delete", manifest]);
  });

  it("lets skopeo", async () => {
    const nobody = new Skopeo(directory("skopeo-nobody"), { certificates: trust });
    await nobody.pull(`${host}/${NAME}`, path.join(directory("skopeo-nobody"), "pulled"));
    await expect(nobody.push(image.directory, `${host}/team/skopeo:1`)).rejects.toThrow(
      /denied|authentication required/,
    );
    const team = new Skopeo(directory("skopeo"), { certificates: trust });
    await team.login(host, logins.team);
    await team.push(image.directory, `${host}/team/skopeo:1`);
    await expect(team.push(image.directory, `${host}/other/skopeo:1`)).rejects.toThrow(/team may not push to other/);
  });

  it("lets regctl", async () => {
    const nobody = new Regctl(directory("regctl-nobody"), host, ca());
    await nobody.trust();
    expect(await nobody.run(["image", "digest", `${host}/${NAME}`])).toBe(image.manifest.digest);
    await expect(nobody.push(image.directory, `${host}/team/regctl:1`)).rejects.toThrow(/unauthorized/);
    const team = new Regctl(directory("regctl"), host, ca());
    await team.login(logins.team);
    await team.push(image.directory, `${host}/team/regctl:1`);
    expect(await team.run(["repo", "ls", host])).toContain("team/regctl");
    await expect(team.push(image.directory, `${host}/other/regctl:1`)).rejects.toThrow(/team may not push to other/);
  });

  it("lets oras, at another name of the same", async () => {
    const other = host.replace("localhost", "127.0.0.1");
    const nobody = new Oras(directory("oras-nobody"), ca());
    const team = new Oras(directory("oras"), ca());
    for (const client of ["oras-nobody", "oras"]) {
      fs.writeFileSync(path.join(directory(client), "file.txt"), "content");
    }
    expect(await nobody.run("manifest fetch", ["--descriptor", `${other}/${NAME}`])).toContain(image.manifest.digest);
    await expect(nobody.push("file.txt", `${other}/team/oras:1`)).rejects.toThrow(/unauthorized|401/);
    await team.login(other, logins.team);
    await team.push("file.txt", `${other}/team/oras:1`);
    await expect(team.push("file.txt", `${other}/other/oras:1`)).rejects.toThrow(/team may not push to other/);
  });
});
