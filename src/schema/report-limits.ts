/** Bounds of a report. */
export const REPORT_LIMITS = { results: 64, detail: 200, buckets: 64, isolate: 64 } as const
