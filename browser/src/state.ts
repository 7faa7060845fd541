import { computed, signal } from "@preact/signals";
import { Client } from "./registry/client";
import { Session } from "./registry/session";
import { Store } from "./registry/store";
import { placeOf } from "./text/reference";

/** What all views share. */
export const session = new Session();
export const client = new Client(session);
export const store = new Store(client);

const hash = signal(location.hash);
export const place = computed(() => placeOf(hash.value));

/** The registry as image names begin with it. */
export const host = location.host;

/** What was typed into the search of repositories, and the folders that are open: kept while one looks at an image. */
export const search = signal("");
export const openFolders = signal<ReadonlySet<string>>(new Set());

window.addEventListener("hashchange", () => {
  hash.value = location.hash;
});
