import { graphOf } from "../picture/graph";
import { renderMermaid } from "../picture/mermaid";
import { type Configuration, topologyOf } from "../picture/topology";
import type { Change, EnvironmentReview } from "../review/model/change";

const DRAWN = ["docker_container", "docker_network", "docker_volume"];
const WAYS = ["ports", "volumes", "mounts", "networks_advanced", "network_mode"];

/** The review with a diagram of what the environment will be made of, where that is another thing than before. */
export function pictured(review: EnvironmentReview, configuration: () => Configuration): EnvironmentReview {
  return review.error === undefined && review.kind !== "drift" && review.changes.some(changesTopology)
    ? { ...review, picture: renderMermaid(graphOf(topologyOf(configuration()))) }
    : review;
}

function changesTopology({ type, action, attributes }: Change): boolean {
  return (
    DRAWN.includes(type) &&
    (["create", "destroy", "forget", "import"].includes(action) || attributes.some(({ name }) => WAYS.includes(name)))
  );
}
