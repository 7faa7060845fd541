export * from "./http-registry-stack";
export * from "./registry-stack";
