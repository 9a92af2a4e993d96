import * as z from 'zod'
import { Id } from '../src/schema/id.ts'
import { PassiveReport, ProbeReport } from '../src/schema/report.ts'

// What the methods of the object of an origin take. No strict objects: an object of one release may meet a Worker of the next.

/** Probes of one region. */
export const ProbedInput = z.object({ report: ProbeReport })

/** Traffic of one isolate; the origin says its own name, since the object does not know it before. */
export const PassedInput = z.object({ origin: Id, report: PassiveReport })

/** Which origin, and since when. */
export const MeasureInput = z.object({ origin: Id, sinceMs: z.number() })

/** Which origin. Whoever waits for its drain goes by its counts: they outlive the object from then on. */
export const DetailInput = z.object({ origin: Id, isDraining: z.boolean().default(false) })
