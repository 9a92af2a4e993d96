import * as z from 'zod'
import { Config } from '../src/schema/config.ts'

/** JSON Schema, as far as a configuration needs it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly description?: string
  readonly default?: unknown
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly propertyNames?: JsonSchema
  readonly additionalProperties?: JsonSchema | false
  readonly items?: JsonSchema
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** The schema of what an operator writes, for editors and for the reference. */
export function toConfigSchema(): JsonSchema {
  const schema = z.toJSONSchema(Config, { io: 'input', override: complete })
  const { $schema, ...rest } = schema
  return {
    $schema,
    $id: 'urn:portolan:config',
    title: 'Configuration of Portolan',
    description: 'Generated from src/schema/config.ts by: npm run schema',
    ...rest,
  } as JsonSchema // zod types its result as any JSON Schema; this is the part of it that Config leads to.
}

interface Rendered {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: z.core.JSONSchema.BaseSchema
}

/** Puts back what zod leaves out: a default in front of a transform, and the range of a duration. */
function complete({ zodSchema, jsonSchema }: Rendered): void {
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
