import { STORED_FORMAT, type Stored } from '../../src/cache/policy/stored.ts'

/** The moment of a test. */
export const NOW_MS = 1_800_000_000_000

/** The head of an answer that came just now and is fresh for a minute, but for what a test says. */
export function storedOf(different: Partial<Stored> = {}): Stored {
  return {
    format: STORED_FORMAT,
    key: 'key',
    route: 'site',
    host: 'example.com',
    path: '/',
    query: '',
    tags: [],
    asOf: 0,
    status: 200,
    fields: [],
    bodyBytes: 0,
    requestedAtMs: NOW_MS,
    receivedAtMs: NOW_MS,
    initialAgeMs: 0,
    freshMs: 60_000,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    staleWhileOutMs: 0,
    staleWhileRecoveringMs: 0,
    isValidatedAlways: false,
    isNeverStale: false,
    vary: [],
    ...different,
  }
}
