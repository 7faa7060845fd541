/** In the public server: whose word on a client's address counts. */
export function trust(proxies: string[]): string[] {
  return proxies.length === 0
    ? []
    : [
        "# A client's address is what these say, the last one first that is none of them.",
        ...proxies.map((address) => `set_real_ip_from ${address};`),
        "real_ip_header X-Forwarded-For;",
        "real_ip_recursive on;",
      ];
}
