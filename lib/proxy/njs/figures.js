import fs from "fs";
import validity from "validity.js";

// What a proxy has answered, counted in memory that its workers share and that a reload keeps.

const METHODS = { GET: 1, HEAD: 1, POST: 1, PUT: 1, PATCH: 1, DELETE: 1 };
const BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300];

/** Counts a request that has ended. nginx asks for it when it writes its log, and gets the word not to. */
function count(r) {
  const v = r.variables;
  add(ngx.shared.figures, {
    method: r.method,
    address: v.request_uri,
    uri: r.uri,
    status: v.status,
    upstream: v.upstream_addr,
    authorization: r.headersIn.Authorization,
    seconds: Number(v.request_time),
    sent: Number(v.bytes_sent),
    received: Number(v.request_length),
  });
  return "";
}

/** Names are made of few words each, whatever a client sends: so many series there can be, and no more. */
function add(figures, request) {
  const kind = kindOf(request.address || "");
  const method = METHODS[request.method] ? request.method : "other";
  const status = request.status || "000";
  const labels = `kind="${kind}",method="${method}"`;
  figures.incr(`requests_total{${labels},status="${status}",answered_by="${answeredBy(request)}"}`, 1, 0);
  figures.incr(`sent_bytes_total{${labels}}`, request.sent, 0);
  figures.incr(`received_bytes_total{${labels}}`, request.received, 0);
  figures.incr(`duration_seconds_sum{kind="${kind}"}`, request.seconds, 0);
  const bucket = BUCKETS.find((most) => request.seconds <= most);
  figures.incr(`duration_seconds_bucket{kind="${kind}",le="${bucket || "+Inf"}"}`, 1, 0);
  const failure = loginFailure(status, request.authorization || "");
  if (failure) {
    figures.incr(`login_failures_total{reason="${failure}"}`, 1, 0);
  }
}

function kindOf(address) {
  const path = address.split("?")[0];
  if (path === "/v2/" || path === "/v2") {
    return "api";
  }
  if (path === "/token") {
    return "token";
  }
  const found =
    /^\/v2\/(?:(_catalog)$|.+\/(?:(manifests|referrers)\/[^/]+|(tags)\/list|blobs\/(uploads)\/.*|(blobs)\/[^/]+)$)/.exec(
      path,
    );
  const word = found && (found[1] || found[2] || found[3] || found[4] || found[5]);
  return word ? word.replace("_", "").replace(/s$/, "") : "other";
}

/** As the access log says it: the registry, its files, or nginx by itself. */
function answeredBy(request) {
  if (request.upstream) {
    return "registry";
  }
  return /^\/_direct\//.test(request.uri || "") && /^(200|206|304)$/.test(request.status) ? "files" : "proxy";
}

/** Of those who sent a password. What has none is a client's first request, and no failure. */
function loginFailure(status, authorization) {
  if (!/^basic ./i.test(authorization)) {
    return "";
  }
  return { 401: "wrong", 429: "too_many" }[status] || "";
}

const HELP = {
  requests_total: ["counter", "Requests that were answered; by files: without the registry."],
  sent_bytes_total: ["counter", "Bytes of answers."],
  received_bytes_total: ["counter", "Bytes of requests."],
  duration_seconds: ["histogram", "From a request's first byte to its answer's last."],
  login_failures_total: ["counter", "Logins with a wrong password, and those that came too fast."],
  connections: ["gauge", "Connections of clients, and what they are doing."],
  connections_accepted_total: ["counter", "Connections that were accepted."],
  connections_dropped_total: ["counter", "Connections that were dropped for lack of room."],
  certificate_not_after_timestamp_seconds: ["gauge", "When a served certificate ends; 0 is the server's own."],
  quota_used_bytes: ["gauge", "What the repositories of a quota hold, as it was counted last."],
  quota_limit_bytes: ["gauge", "The most that they may hold."],
  quota_used_tags: ["gauge", "Their tags, as they were counted last."],
  quota_limit_tags: ["gauge", "The most tags that they may have."],
  up: ["gauge", "1 when the proxy answers."],
};

/** Answers with all figures. */
function show(r) {
  r.subrequest("/_connections").then((connections) => {
    const v = r.variables;
    const lines = counted(ngx.shared.figures).concat(
      connectionLines(connections.responseText, v),
      v.certificate_file ? certificateLines(v.certificate_file) : [],
      typeof repository_quotas === "undefined" ? [] : quotaLines(repository_quotas, lastCount()),
      ["up 1"],
    );
    r.headersOut["Content-Type"] = "text/plain; version=0.0.4";
    r.return(200, text(lines, v.proxy_name));
  });
}

/** All samples; a histogram's buckets hold what the smaller ones hold. */
function counted(figures) {
  const lines = [];
  const durations = {};
  figures
    .keys()
    .sort()
    .forEach((key) => {
      const bucket = /^duration_seconds_bucket\{kind="(\w+)",le="([^"]+)"\}$/.exec(key);
      if (bucket) {
        durations[bucket[1]] = durations[bucket[1]] || {};
        durations[bucket[1]][bucket[2]] = figures.get(key);
      } else {
        lines.push(`${key} ${figures.get(key)}`);
      }
    });
  Object.keys(durations).forEach((kind) => {
    let sum = 0;
    BUCKETS.concat("+Inf").forEach((most) => {
      sum += durations[kind][most] || 0;
      lines.push(`duration_seconds_bucket{kind="${kind}",le="${most}"} ${sum}`);
    });
    lines.push(`duration_seconds_count{kind="${kind}"} ${sum}`);
  });
  return lines;
}

/** From nginx's own status: the third line has all that were accepted and all that were handled. */
function connectionLines(status, v) {
  const totals = /(\d+) (\d+) (\d+)/.exec(status) || [];
  const states = ["reading", "writing", "waiting"].map(
    (state) => `connections{state="${state}"} ${v[`connections_${state}`]}`,
  );
  return states.concat([
    `connections_accepted_total ${totals[1] || 0}`,
    `connections_dropped_total ${totals[1] - totals[2] || 0}`,
  ]);
}

function certificateLines(file) {
  try {
    return validity
      .endsOf(fs.readFileSync(file, "utf8"))
      .map((end, i) => `certificate_not_after_timestamp_seconds{position="${i}"} ${end}`);
  } catch (_) {
    return [];
  }
}

function lastCount() {
  try {
    return JSON.parse(fs.readFileSync("/tmp/quotas/counted", "utf8")).used;
  } catch (_) {
    return {};
  }
}

/** @param used by pattern, as far as it has been counted */
function quotaLines(quotas, used) {
  const lines = [];
  for (let i = 0; i < quotas.length; i++) {
    const quota = quotas[i];
    const label = `{repositories="${quota.repositories}"}`;
    const limits = { bytes: (quota.maxMiB || 0) * 1024 * 1024, tags: quota.maxTags || 0 };
    Object.keys(limits)
      .filter((unit) => limits[unit] > 0)
      .forEach((unit) => {
        lines.push(`quota_limit_${unit}${label} ${limits[unit]}`);
        if (used[quota.repositories]) {
          lines.push(`quota_used_${unit}${label} ${used[quota.repositories][unit]}`);
        }
      });
  }
  return lines;
}

/** In Prometheus' text format, a family after the other, each sample with the proxy's name. */
function text(lines, proxy) {
  const families = Object.keys(HELP).map((family) => {
    const own = lines.filter((line) => new RegExp(`^${family}(_bucket|_sum|_count)?[{ ]`).test(line));
    const samples = own.map((line) => `registry_nginx_${labelled(line, proxy)}\n`).join("");
    const name = `registry_nginx_${family}`;
    return samples && `# HELP ${name} ${HELP[family][1]}\n# TYPE ${name} ${HELP[family][0]}\n${samples}`;
  });
  return families.join("");
}

function labelled(line, proxy) {
  const label = `{proxy="${proxy}"`;
  return line.includes("{") ? line.replace("{", `${label},`) : line.replace(" ", `${label}} `);
}

export default { count, show, add, counted, quotaLines, text };
