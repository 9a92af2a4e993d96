import * as z from 'zod'

/** A moment as RFC 3339 writes it, with its offset from UTC; parsed to milliseconds. */
export const Moment = z.iso
  .datetime({ offset: true, error: 'a moment is written "2026-11-21T22:30:00Z"' })
  .transform((text) => Date.parse(text))
