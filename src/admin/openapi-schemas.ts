import * as z from 'zod'
import { complete } from '../schema/json-schema.ts'

/** JSON Schema (draft 2020-12, which OpenAPI 3.1 takes over whole). */
export type JsonSchema = z.core.JSONSchema.BaseSchema

/** Schemas of one direction as JSON Schema, those with a name in one place. */
export interface SchemaBook {
  /** By name, as they stand under `components`. */
  readonly components: Readonly<Record<string, JsonSchema>>
  /** A reference to a schema that was added. */
  refer(schema: z.ZodType): JsonSchema
  /** A schema that was added, itself. */
  spell(schema: z.ZodType): JsonSchema
}

/** What a book is made of. */
export interface SchemaSource {
  /** `input`: as somebody sends it, defaults left out. `output`: as it is answered. */
  readonly io: 'input' | 'output'
  /** Referred to wherever they occur. */
  readonly named: Readonly<Record<string, z.ZodType>>
  /** Those that occur in one place, with the name to use where they have none. */
  readonly single: readonly (readonly [name: string, schema: z.ZodType])[]
  /** Those that only lend their members: no components. */
  readonly members: readonly (readonly [name: string, schema: z.ZodType])[]
}

/** Renders all schemas of one direction at once, so that each knows the names of the others. */
export function openSchemaBook({ io, named, single, members }: SchemaSource): SchemaBook {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of [...Object.entries(named), ...single, ...members]) {
    if (!registry.has(schema)) registry.add(schema, { id })
  }
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: toPointer,
    // What cannot be said in JSON Schema (a transformation) is checked all the same: nothing is said of it.
    unrepresentable: 'any',
    override: complete,
  })
  const lent = new Set(members.map(([name]) => name))
  const components = Object.entries(schemas).filter(([name]) => !lent.has(name))
  const nameOf = (schema: z.ZodType) => registry.get(schema)?.id ?? ''
  return {
    components: Object.fromEntries(components.map(([name, schema]) => [name, strip(schema)])),
    refer: (schema) => ({ $ref: toPointer(nameOf(schema)) }),
    spell: (schema) => strip(schemas[nameOf(schema)] ?? {}),
  }
}

function toPointer(name: string): string {
  return `#/components/schemas/${name}`
}

/** Zod marks each as a document of its own; here they are parts of one. */
function strip(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id')
  return Object.fromEntries(entries)
}
