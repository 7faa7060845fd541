import { attempt, isInstalled, lastLines } from "./command";
import { ExpectedFailure } from "./failure";

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Whether Debian's package tool is here: Debian, Ubuntu and their kin. */
export const hasApt = (): Promise<boolean> => isInstalled("apt-get");

/** The words for people whose account may not install packages. */
export const installByHand = (packages: string[]): string =>
  `sudo apt-get update && sudo apt-get install --no-install-recommends -y ${packages.join(" ")}`;

/** Installs packages of this machine's own distribution; `why` ends the sentence for those who have to do it themselves. */
export async function aptInstall(packages: string[], why: string): Promise<void> {
  if (!(await hasApt())) {
    throw new ExpectedFailure(`${packages.join(", ")} must be installed ${why}, and this machine has no apt-get`);
  }
  if (!isRoot()) {
    throw new ExpectedFailure(`root is needed to install packages ${why}. Run this, then try again:
    ${installByHand(packages)}`);
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const install = () => attempt("apt-get", ["install", "--no-install-recommends", "-y", ...packages], { env });
  if ((await install()).exitCode === 0) {
    return;
  }
  // A new machine has no package lists yet, and old lists name files that are gone.
  await attempt("apt-get", ["update"], { env });
  const second = await install();
  if (second.exitCode !== 0) {
    throw new ExpectedFailure(`apt-get could not install ${packages.join(" ")}: ${lastLines(second.output, 4)}`);
  }
}

/** One package index that apt reads, as `apt-get indextargets` tells it. */
const TARGET_FORMAT = "$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT) $(ORIGIN)";

/**
 * The mirrors that this machine's apt is set up with, as source lines for another Debian release.
 * None on other distributions: their mirrors do not carry it.
 */
export async function debianSources(release: string): Promise<string[]> {
  const format = ["indextargets", "--format", TARGET_FORMAT, "Created-By: Packages"];
  const { exitCode, stdout } = await attempt("apt-get", format);
  return exitCode === 0 ? sourceLines(stdout, release) : [];
}

export function sourceLines(targets: string, release: string): string[] {
  const lines = targets
    .split("\n")
    .map((target) => target.split(" "))
    .filter(([, , , component, origin]) => component === "main" && origin === "Debian")
    // The release itself, its updates and its security fixes; backports and the like would change what is installed.
    .map(([uri, suite]) => ({ uri, pocket: suite.replace(/^[a-z]+/, "") }))
    .filter(({ pocket }) => ["", "-updates", "-security"].includes(pocket))
    .map(({ uri, pocket }) => `deb ${uri} ${release}${pocket} main`);
  return [...new Set(lines)];
}
