import * as z from 'zod'
import { Config } from '../src/schema/config.ts'
import { complete } from '../src/schema/json-schema.ts'

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
