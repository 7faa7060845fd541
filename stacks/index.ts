export * from "./authenticated-registry-stack";
export * from "./cached-registry-stack";
export type { EngineProps } from "./engine";
export * from "./http-registry-stack";
export * from "./https-registry-stack";
export * from "./mirror-registry-stack";
export * from "./reencrypted-registry-stack";
export * from "./registry-stack";
export * from "./swarm-registry-stack";
