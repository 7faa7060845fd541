import { Access, KeyAlgorithm } from "../../lib";
import type { ReviewedProps } from "./reviewed-registry";

/** How long a client that asks twenty times a second goes without an answer. */
export type Interruption = "none" | "registry" | "proxy" | "network" | "registry and proxy" | "for good";

/** A change as a pull request would make it, and what its report has to say, written down before it was first rendered. */
export interface PreparedChange {
  readonly title: string;
  readonly change: (now: ReviewedProps) => ReviewedProps;
  /** What has to be so first. */
  readonly first?: (now: ReviewedProps) => ReviewedProps;
  /** What a reviewer has to understand, in a sentence. */
  readonly answer: string;
  /** Words of the report that say it. */
  readonly says: readonly RegExp[];
  readonly severity: "danger" | "notice" | "quiet" | "nothing";
  /** Arguments that the report has to name, by construct. */
  readonly forcedBy?: Readonly<Record<string, readonly string[]>>;
  readonly interruption: Interruption;
  readonly done?: "by hand" | "another password" | "new environment" | "removed environment";
}

/** One after the other on one registry: each begins where the one before has ended. */
export function preparedChanges(id: string, image: string, ports: readonly number[]): PreparedChange[] {
  return [
    {
      title: "user added",
      change: (now) => ({ ...now, users: { ...now.users, alice: Access.PULL } }),
      answer: "alice can pull, not push; nobody is interrupted",
      says: [/New user alice may pull, but not push/],
      severity: "quiet",
      interruption: "none",
    },
    {
      title: "right changed",
      change: (now) => ({ ...now, users: { ...now.users, alice: Access.PUSH } }),
      answer: "alice may push from now on; nobody is interrupted",
      says: [/User alice may pull and push from now on \(before: pull\)/],
      severity: "notice",
      interruption: "none",
    },
    {
      title: "user removed",
      change: (now) => ({ ...now, users: { ci: now.users.ci, reader: now.users.reader } }),
      answer: "alice can no longer log in",
      says: [/User alice can no longer log in/],
      severity: "notice",
      interruption: "none",
    },
    {
      title: "certificate renewed",
      change: (now) => ({ ...now, certificateDays: 300 }),
      answer: "the server gets another certificate of the same CA; clients notice nothing",
      says: [/server's certificate is issued anew; who trusts the CA notices nothing/],
      severity: "quiet",
      forcedBy: { "CA/Server": ["validity_period_hours"] },
      interruption: "none",
    },
    {
      title: "an nginx setting",
      change: (now) => ({ ...now, bodyLimitMiB: 1000 }),
      answer: "layers of more than 1000 MiB are refused; nginx reloads without an interruption",
      says: [/client_max_body_size 1000m/, /nginx loads the files while it runs/, /larger than 1000 MiB/],
      severity: "notice",
      interruption: "none",
    },
    {
      title: "a secret changed",
      change: (now) => now,
      answer: "dave's old password ends",
      says: [/User dave has another password/],
      severity: "notice",
      interruption: "none",
      done: "another password",
    },
    {
      title: "retention added",
      change: (now) => ({ ...now, keptTags: 10 }),
      answer:
        "images go by themselves: of each repository's tags all but the last ten, and what has no tag after a week; all containers are made anew once",
      says: [
        /Images go by themselves from now on: manifests without a tag after 7 days; of the tags in each repository all but the last 10/,
        /for 7 days they can be brought back/,
      ],
      severity: "notice",
      interruption: "registry and proxy",
    },
    {
      title: "network renamed",
      change: (now) => ({ ...now, networkName: `${id}-front` }),
      answer: "the proxy is made anew: connections are refused for some seconds",
      says: [/Connections are refused for up to ten seconds/],
      severity: "notice",
      forcedBy: { "Proxy/Network": ["name"], Proxy: ["networks_advanced"] },
      interruption: "network",
    },
    {
      title: "port moved",
      change: (now) => ({ ...now, port: ports[1] }),
      answer: "clients have to use another address; the proxy is made anew",
      says: [new RegExp(`moves to ${ports[1]}`), /Connections are refused for a few seconds/],
      severity: "notice",
      forcedBy: { Proxy: ["ports"] },
      interruption: "for good",
    },
    {
      title: "address widened",
      change: (now) => ({ ...now, publishAddress: "0.0.0.0" }),
      answer: "DANGER: other machines reach the registry, which only its own machine did",
      says: [/Opened to other machines/],
      severity: "danger",
      forcedBy: { Proxy: ["ports"] },
      interruption: "proxy",
    },
    {
      title: "image bumped",
      change: (now) => ({ ...now, registryImage: image }),
      answer: "the registry is made anew with another image: pushes get 502 for some seconds, pulls go on",
      says: [new RegExp(`becomes ${image.replace(/[.]/g, "\\.")}`), /Pushes get 502 for a few seconds; pulls go on/],
      severity: "notice",
      forcedBy: { Registry: ["image"] },
      interruption: "registry",
    },
    {
      title: "drift by hand",
      change: (now) => now,
      answer: "somebody removed the Redis container by hand; the deploy makes it anew; pulls and pushes go on",
      says: [/Cache/, /removed it by hand/],
      severity: "notice",
      interruption: "none",
      done: "by hand",
    },
    {
      title: "Redis dropped",
      change: (now) => ({ ...now, redis: false }),
      answer:
        "no Redis any more, nothing of value is lost; the registry is made anew: pushes get 502 for some seconds, pulls go on",
      says: [/There is no Redis any more/, /Pushes get 502 for a few seconds; pulls go on/],
      severity: "notice",
      forcedBy: { Registry: ["volumes"] },
      interruption: "registry",
    },
    {
      title: "CA key type",
      change: (now) => ({ ...now, caKey: KeyAlgorithm.rsa(2048) }),
      answer: "DANGER: every client must trust a new CA",
      says: [/Every client must trust a new CA/],
      severity: "danger",
      forcedBy: { CA: ["algorithm"] },
      interruption: "for good",
    },
    {
      title: "volume renamed",
      change: (now) => ({ ...now, volumeName: `${id}-images` }),
      answer: "DANGER: all images are lost, since the volume is replaced for its name",
      says: [/All images are lost/, /to keep them, write volumeName/],
      severity: "danger",
      forcedBy: { "Registry/Data": ["name"] },
      interruption: "registry and proxy",
    },
    {
      title: "protection off",
      first: (now) => ({ ...now, protectData: true }),
      change: (now) => ({ ...now, protectData: false }),
      answer: "DANGER: a later plan that destroys the images is no longer refused; nothing happens now",
      says: [/Data is no longer protected/],
      severity: "danger",
      interruption: "none",
    },
    {
      title: "id renamed",
      first: (now) => ({ ...now, volumeName: undefined }),
      change: (now) => ({ ...now, registryId: "Store" }),
      answer: "DANGER: all images are lost, and need not be: a moved block keeps them",
      says: [/All images are lost/, /Store looks like Registry under another id/, /moved \{/],
      severity: "danger",
      interruption: "registry and proxy",
    },
    {
      title: "nothing",
      change: (now) => now,
      answer: "nothing changes",
      says: [/unchanged/i],
      severity: "nothing",
      interruption: "none",
    },
    {
      title: "an environment added",
      change: (now) => ({
        ...now,
        port: ports[2],
        publishAddress: undefined,
        registryId: undefined,
        volumeName: undefined,
        networkName: undefined,
      }),
      answer: "a new registry on another port of the machine; nobody else is touched",
      says: [/A new environment/, new RegExp(`127\\.0\\.0\\.1:${ports[2]}, for this machine only`)],
      severity: "notice",
      interruption: "none",
      done: "new environment",
    },
    {
      title: "an environment removed",
      change: (now) => now,
      answer: "nothing is destroyed, and nobody looks after what goes on running",
      says: [/goes on running/],
      severity: "notice",
      interruption: "none",
      done: "removed environment",
    },
  ];
}
