import figures from "../../../../lib/proxy/njs/figures";

/** The part of nginx' shared memory that the script uses. */
class Memory {
  private readonly values = new Map<string, number>();
  public incr(key: string, by: number, first: number): void {
    this.values.set(key, (this.values.get(key) ?? first) + by);
  }
  public get(key: string): number | undefined {
    return this.values.get(key);
  }
  public keys(): string[] {
    return [...this.values.keys()];
  }
}

const DIGEST = `sha256:${"a".repeat(64)}`;
const request = {
  method: "GET",
  address: `/v2/team/app/blobs/${DIGEST}`,
  uri: "/_direct/blob",
  status: "200",
  upstream: undefined as string | undefined,
  authorization: undefined as string | undefined,
  seconds: 0.02,
  sent: 1000,
  received: 100,
};

const linesOf = (...requests: Partial<typeof request>[]): string[] => {
  const memory = new Memory();
  for (const one of requests) {
    figures.add(memory, { ...request, ...one });
  }
  return figures.counted(memory);
};
const requests = (lines: string[]) => lines.filter((line) => line.startsWith("requests_total"));

describe("a request is counted", () => {
  test.each([
    ["/v2/", "api"],
    ["/v2/?x=1", "api"],
    ["/v2/_catalog?n=1", "catalog"],
    ["/v2/app/tags/list", "tag"],
    ["/v2/team/blobs/manifests/1", "manifest"],
    ["/v2/app/referrers/sha256:00", "referrer"],
    ["/v2/app/blobs/uploads/", "upload"],
    ["/v2/app/blobs/uploads/6d3e?_state=a", "upload"],
    [`/v2/team/app/blobs/${DIGEST}`, "blob"],
    ["/token?service=x", "token"],
    ["/v2/app", "other"],
    ["/", "other"],
    ["", "other"],
  ])("%s as %s", (address, kind) => {
    expect(requests(linesOf({ address }))[0]).toContain(`kind="${kind}"`);
  });

  test("as one that files, the registry or nginx itself have answered", () => {
    const by = (one: Partial<typeof request>) => /answered_by="(\w+)"/.exec(requests(linesOf(one))[0])?.[1];
    expect(by({})).toBe("files");
    expect(by({ status: "401" })).toBe("proxy");
    expect(by({ uri: "/v2/", upstream: "unix:/run/registry/registry.sock" })).toBe("registry");
  });

  test("with its bytes and its time, in all buckets that are as long", () => {
    const lines = linesOf({}, { seconds: 0.2 }, { seconds: 1000 });
    expect(lines).toEqual(
      expect.arrayContaining([
        'requests_total{kind="blob",method="GET",status="200",answered_by="files"} 3',
        'sent_bytes_total{kind="blob",method="GET"} 3000',
        'received_bytes_total{kind="blob",method="GET"} 300',
        'duration_seconds_bucket{kind="blob",le="0.01"} 0',
        'duration_seconds_bucket{kind="blob",le="0.05"} 1',
        'duration_seconds_bucket{kind="blob",le="0.5"} 2',
        'duration_seconds_bucket{kind="blob",le="300"} 2',
        'duration_seconds_bucket{kind="blob",le="+Inf"} 3',
        'duration_seconds_count{kind="blob"} 3',
      ]),
    );
  });

  test("as a failed login only where a password was sent", () => {
    const failures = (status: string, authorization?: string) =>
      linesOf({ status, authorization }).filter((line) => line.startsWith("login_failures"));
    expect(failures("401")).toEqual([]);
    expect(failures("401", "Bearer x")).toEqual([]);
    expect(failures("200", "Basic eDp5")).toEqual([]);
    expect(failures("401", "Basic eDp5")).toEqual(['login_failures_total{reason="wrong"} 1']);
    expect(failures("429", "basic eDp5")).toEqual(['login_failures_total{reason="too_many"} 1']);
  });

  test("in no series of its own, whatever a client makes up", () => {
    const made = Array.from({ length: 500 }, (_, i) => ({ method: `M${i}`, address: `/v2/"${i}\n/x`, status: "405" }));
    expect(requests(linesOf(...made))).toEqual([
      'requests_total{kind="other",method="other",status="405",answered_by="proxy"} 500',
    ]);
  });
});

describe("the figures", () => {
  test("are a family after the other, each sample with the proxy's name", () => {
    expect(
      figures
        .text([...linesOf({}), "up 1"], "local-proxy")
        .split("\n")
        .slice(0, 4),
    ).toEqual([
      "# HELP registry_nginx_requests_total Requests that were answered; by files: without the registry.",
      "# TYPE registry_nginx_requests_total counter",
      'registry_nginx_requests_total{proxy="local-proxy",kind="blob",method="GET",status="200",answered_by="files"} 1',
      "# HELP registry_nginx_sent_bytes_total Bytes of answers.",
    ]);
    expect(figures.text(["up 1"], "p")).toContain('registry_nginx_up{proxy="p"} 1\n');
  });

  test("tell each quota's limits, and what was counted last", () => {
    const quotas = [
      { repositories: "team/**", maxMiB: 2 },
      { repositories: "**", maxTags: 5 },
    ];
    expect(figures.quotaLines(quotas, { "team/**": { bytes: 7, tags: 3 } })).toEqual([
      'quota_limit_bytes{repositories="team/**"} 2097152',
      'quota_used_bytes{repositories="team/**"} 7',
      'quota_limit_tags{repositories="**"} 5',
    ]);
  });
});
