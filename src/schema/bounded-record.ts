import * as z from 'zod'

/** How many entries a record takes, and what they are called when there are too many or too few. */
export interface RecordBounds {
  readonly least?: 0 | 1
  readonly most: number
  readonly plural: string
}

/** A record with bounds, which editors learn from the JSON Schema. */
export function boundedRecord<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
  { least = 0, most, plural }: RecordBounds,
) {
  return z
    .record(key, value)
    .refine((record) => Object.keys(record).length >= least, {
      error: `there are no ${plural}; name at least one`,
    })
    .refine((record) => Object.keys(record).length <= most, { error: `at most ${most} ${plural}` })
    .meta({ ...(least > 0 && { minProperties: least }), maxProperties: most })
}
