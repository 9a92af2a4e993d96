import * as z from 'zod'

/** What zod shows of a schema while it is being rendered. */
export interface Rendered {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: z.core.JSONSchema.BaseSchema
}

/**
 * For the `override` of `z.toJSONSchema`: puts back what zod leaves out, a default in front of a transform and
 * the range of a duration.
 */
export function complete({ zodSchema, jsonSchema }: Rendered): void {
  if (zodSchema instanceof z.ZodDefault) {
    const { defaultValue } = zodSchema.def
    if (zodSchema.safeParse(defaultValue).success) jsonSchema.default = defaultValue
  }
  const range = rangeOf(zodSchema)
  if (range !== undefined && jsonSchema.description !== range) {
    jsonSchema.description = `${jsonSchema.description ?? ''} ${range}`.trim()
  }
}

/** What `duration` says of itself, below whatever is said of the setting. */
function rangeOf(schema: z.core.$ZodType): string | undefined {
  const { description } = z.globalRegistry.get(schema) ?? {}
  if (description?.startsWith('Duration from ') === true) return description
  if (schema instanceof z.ZodPipe) return rangeOf(schema.def.in)
  const isWrapper =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional
  return isWrapper ? rangeOf(schema.def.innerType) : undefined
}
