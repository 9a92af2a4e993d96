/**
 * Never stored: parts (206) and news of what is stored (304), what hangs on conditions and ranges of one request (412,
 * 416), and what RFC 6585 forbids (428, 429, 431, 511).
 */
export const NEVER_STORED: ReadonlySet<number> = new Set([206, 304, 412, 416, 428, 429, 431, 511])

/**
 * Statuses whose cause is the request of one client, with what is in no key: its size, its headers, its rate. Stored
 * they would keep a page from everybody (cpdos.org), whatever lifetime they give themselves.
 */
export const OF_ONE_REQUEST: ReadonlySet<number> = new Set([
  400, 406, 407, 408, 411, 412, 413, 415, 416, 417, 425, 426, 428, 429, 431, 511,
])
