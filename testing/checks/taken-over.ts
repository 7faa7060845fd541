import execa from "execa";
import { eventually } from "../machine/eventually";

/** A running container notices a changed configuration a moment after the deploy. */
export async function takenOver(container: string): Promise<void> {
  await eventually(async () => {
    const { stdout: version } = await execa("docker", ["exec", container, "readlink", "/config/current"]);
    const { all } = await execa("docker", ["logs", container], { all: true });
    expect(all).toContain(`configuration ${version}: taken over`);
  }, 15000);
}
