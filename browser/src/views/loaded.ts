import { useEffect, useRef, useState } from "preact/hooks";
import { asRegistryError, type RegistryError } from "../registry/registry-error";
import { store } from "../state";

/** What is loaded for a view: nothing yet, a value, or why there is none. */
export interface Loaded<T> {
  readonly value?: T;
  readonly error?: RegistryError;
  readonly again: () => void;
}

/**
 * Loads something while a view is shown, and again when one of the keys changes. When something was deleted it is loaded
 * again too, and what was there is shown meanwhile.
 *
 * @param delayMs how long the view has to be shown first: what is scrolled past is not asked for
 */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T>,
  keys: readonly unknown[],
  delayMs = 0,
): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: RegistryError }>({});
  const [tries, setTries] = useState(0);
  const shown = useRef("");
  const revision = store.revision.value;
  const current = useRef(load);
  current.current = load;
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const start = () =>
      current.current(signal).then(
        (value) => !signal.aborted && setState({ value }),
        (error) => !signal.aborted && setState({ error: asRegistryError(error) }),
      );
    const key = JSON.stringify([keys, tries]);
    if (shown.current !== key) {
      shown.current = key;
      setState({});
    }
    const timer = setTimeout(start, delayMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [...keys, tries, revision]);
  return { ...state, again: () => setTries(tries + 1) };
}
