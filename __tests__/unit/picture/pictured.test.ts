import { pictured } from "../../../bootstrap/pictured";
import type { Change, EnvironmentReview } from "../../../review/model/change";
import { renderMarkdown } from "../../../review/render/markdown";

const change = (values: Partial<Change>): Change => ({
  path: "Proxy",
  type: "docker_container",
  action: "replace",
  severity: "notice",
  findings: [],
  attributes: [],
  texts: [],
  forcedBy: [],
  addresses: [],
  ...values,
});
const review = (...changes: Change[]): EnvironmentReview => ({
  environment: "local",
  kind: "plan",
  changes,
  outputs: [],
  findings: [],
  drift: [],
});
const CONFIGURATION = { resource: { docker_container: { Proxy: { name: "local-proxy" } } } };
const pictureOf = (...changes: Change[]) => pictured(review(...changes), () => CONFIGURATION).picture;
const ports = { name: "ports", before: "5000", after: "5001", forcesReplacement: true };

describe("a review has a picture", () => {
  test("where something is made or goes, or is reached in another way", () => {
    expect(pictureOf(change({ action: "create" }))).toContain("local-proxy");
    expect(pictureOf(change({ action: "destroy", type: "docker_network" }))).toBeDefined();
    expect(pictureOf(change({ attributes: [ports] }))).toBeDefined();
  });

  test("and has none where all stays where it is", () => {
    expect(pictureOf(change({ attributes: [{ ...ports, name: "image" }] }))).toBeUndefined();
    expect(pictureOf(change({ action: "create", type: "terraform_data" }))).toBeUndefined();
    expect(pictureOf()).toBeUndefined();
  });

  test("as a diagram that GitHub and GitLab draw in a comment", () => {
    const environments = [pictured(review(change({ action: "create" })), () => CONFIGURATION)];
    expect(renderMarkdown({ environments, unusedPermissions: [] })).toContain(
      '```mermaid\nflowchart LR\n  n0["local-proxy<br/>container<br/>no network"]\n```',
    );
  });
});
