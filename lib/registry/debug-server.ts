/** Port of the registry's debug server, which tells its health and, where they are wanted, its metrics. */
export const DEBUG_PORT = 5001;

/** Where nobody but the registry's own container reaches the debug server. */
export const LOCAL_DEBUG_ADDRESS = `127.0.0.1:${DEBUG_PORT}`;
