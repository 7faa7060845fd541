/**
 * Who may do what in which repository, written down by hand from what `RightsRegistry` grants:
 * r for a pull, w for a push, d for a delete.
 */
export const REPOSITORIES = [
  "public/app",
  "team-a/app",
  "team-a/x/deep",
  "team-a",
  "team-ab/app",
  "base/os",
  "base/os/deep",
  "scratch/tmp",
  "secret",
] as const;

type Rights = readonly string[];

export const ADMIN: Rights = ["rwd", "rwd", "rwd", "rwd", "rwd", "rwd", "rwd", "rwd", "rwd"];
export const READER: Rights = ["r", "r", "r", "r", "r", "r", "r", "r", "r"];
export const TEAM: Rights = ["", "rw", "rw", "", "", "r", "", "", ""];
export const CLEANER: Rights = ["", "", "", "", "", "", "", "rd", ""];
export const NOBODY: Rights = ["", "", "", "", "", "", "", "", ""];

/** The same where everybody may pull `public/**`. */
export const withPublic = (rights: Rights): Rights => rights.map((right, i) => (i === 0 && right === "" ? "r" : right));

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly needs: "r" | "w" | "d";
  /** What the registry answers when it is asked. */
  readonly status: number;
  readonly body?: string;
}

const ABSENT = `sha256:${"0".repeat(64)}`;
const NO_UPLOAD = "/blobs/uploads/00000000-0000-0000-0000-000000000000";

/** In a repository with a manifest and a blob; none changes anything but for uploads that begin. */
export const operations = (manifest: string, blob: string): Operation[] => [
  { method: "GET", path: manifest, needs: "r", status: 200 },
  { method: "HEAD", path: "/manifests/1", needs: "r", status: 200 },
  { method: "GET", path: "/tags/list", needs: "r", status: 200 },
  { method: "GET", path: blob, needs: "r", status: 200 },
  { method: "HEAD", path: blob.replace("sha256:", "sha256%3A"), needs: "r", status: 200 },
  { method: "GET", path: `/blobs/${ABSENT}`, needs: "r", status: 404 },
  { method: "POST", path: "/blobs/uploads/", needs: "w", status: 202 },
  { method: "PUT", path: "/manifests/1", needs: "w", status: 400, body: "{}" },
  { method: "PATCH", path: NO_UPLOAD, needs: "w", status: 404 },
  { method: "GET", path: NO_UPLOAD, needs: "w", status: 404 },
  { method: "DELETE", path: NO_UPLOAD, needs: "w", status: 404 },
  { method: "DELETE", path: `/manifests/${ABSENT}`, needs: "d", status: 404 },
  { method: "DELETE", path: `/blobs/${ABSENT}`, needs: "d", status: 404 },
];

/** Addresses of `secret` and of uploads to it, dressed up as something else. */
export const oddPaths = (digest: string): string[] => [
  "/v2/team-a/app/../../secret/manifests/1",
  "/v2/team-a/app/%2e%2e/%2e%2e/secret/manifests/1",
  "/v2/team-a/app/..%2f..%2fsecret/manifests/1",
  "/v2/team-a%2fapp/manifests/1",
  "/v2/%73ecret/manifests/1",
  "/v2/secret%2fmanifests/1",
  "/v2//secret/manifests/1",
  "/v2/./secret/manifests/1",
  "/v2/secret//manifests/1",
  "/v2/secret/manifests//1",
  "/v2/secret/manifests/1/",
  "/v2/secret/manifests/1%00",
  "/v2/secret/manifests/1%0a",
  "/v2/secret%00/manifests/1",
  "/v2/SECRET/manifests/1",
  "/V2/secret/manifests/1",
  "/v2/secret/manifests/1#/v2/team-a/app/manifests/1",
  "/v2/team-a/app/manifests/../../../secret/manifests/1",
  "/v2/team-a/app/blobs/uploads/../../../../secret/blobs/uploads/",
  `/v2/team-a/app/blobs/../../../secret/blobs/${digest}`,
  `/v2/secret/blobs/${digest.replace("sha256", "sha25%36")}`,
  `/v2/secret/blobs/${digest}/`,
  "/v2/localhost:5000/secret/manifests/1",
  "/v2/secret/tags/list/",
  "/v2/_catalog/",
  "/v2/%5fcatalog",
  "/v2/../v2/_catalog",
  "/_catalog",
  "/_login",
  "/v2/../_catalog",
  "/v2/..;/_catalog",
  "/granted",
];

/** Arguments of an upload's start that would mount a blob of `secret`, some of them after a fashion. */
export const mounts = (digest: string): string[] => [
  `mount=${digest}&from=secret`,
  `from=secret&mount=${digest}`,
  `m%6funt=${digest}&from=secret`,
  `mount=${digest}&fro%6d=secret`,
  `mount=${digest}&from=%73ecret`,
  `mount=${encodeURIComponent(digest)}&from=secret`,
  `mount=${digest}&from=secret&from=team-a/app`,
  `mount=${digest}&from=team-a/../secret`,
  `mount=${digest}&from=secret%00`,
  `mount=${digest};from=secret`,
  `mount=${digest}&from=+secret`,
  `mount=${digest}&from=/secret`,
  `mount=${digest}&from=team-ab/app`,
  `mount=${digest}&from=`,
  `mount=${digest}`,
  `?mount=${digest}&from=secret`,
  `mount[]=${digest}&from[]=secret`,
];
