/** Where passwords are checked. */
export enum LoginPlace {
  /** At the proxy, which remembers who has logged in: fast, and the registry never sees a password. */
  PROXY = "proxy",
  /** At the registry, for each request anew, once the proxy has found the password right: nobody gets round the proxy. */
  REGISTRY = "registry",
}
