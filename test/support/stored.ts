import { STORED_FORMAT, type Stored } from '../../src/cache/policy/stored.ts'

/** The moment of a test of the cache. */
export const NOW_MS = 1_800_000_000_000

const HOUR_MS = 3_600_000

/** A head of an answer, fresh for an hour; a test says what matters to it. */
export function storedOf(difference: Partial<Stored> = {}): Stored {
  return {
    format: STORED_FORMAT,
    key: 'GET shop.test /page',
    route: 'shop',
    host: 'shop.test',
    path: '/page',
    query: '',
    tags: [],
    asOf: 0,
    status: 200,
    fields: [['content-type', 'text/html']],
    bodyBytes: undefined,
    requestedAtMs: NOW_MS - 20,
    receivedAtMs: NOW_MS,
    initialAgeMs: 0,
    freshMs: HOUR_MS,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    staleWhileOutMs: 0,
    staleWhileRecoveringMs: 0,
    isValidatedAlways: false,
    isNeverStale: false,
    vary: [],
    ...difference,
  }
}
