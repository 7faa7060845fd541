import { block } from "./block";

/**
 * For `http`: what clients are counted by. Who has IPv6 has a whole /64 of addresses, which count as one.
 *
 * @param address a variable of nginx with the client's address
 * @param network the variable that is made of it
 * @param otherwise what an address of IPv4 counts as
 */
export function clientNetwork(address: string, network: string, otherwise: string): string[] {
  return [
    "# A client of IPv6 has a whole /64 of addresses: they count as one. nginx writes an address so that :: stands for",
    "# two zeros or more: either it comes after the /64, or some of what follows it belongs to the /64 too.",
    ...block(`map ${address} ${network}`, [
      "'~^((?:[0-9a-f]+:){4})' $1;",
      "'~^((?:(?:[0-9a-f]+:){1,3}:|::)(?:[0-9a-f]+:)*?)(?:[0-9a-f]+(?::|$)){0,4}$' $1;",
      `default ${otherwise};`,
    ]),
  ];
}
