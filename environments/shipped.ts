import { cached } from "./cached";
import type { Environment } from "./environment";
import { http } from "./http";
import { httpAuth } from "./http-auth";
import { https } from "./https";
import { httpsAuth } from "./https-auth";
import { local } from "./local";
import { mirror } from "./mirror";
import { publicRegistry } from "./public";
import { reencrypt } from "./reencrypt";
import { swarm } from "./swarm";

/** What this repository brings along; its tests and its README are about these and no others. */
export const shipped: { readonly [name: string]: Environment } = {
  local,
  http,
  https,
  "http-auth": httpAuth,
  "https-auth": httpsAuth,
  reencrypt,
  cached,
  mirror,
  public: publicRegistry,
  swarm,
};
