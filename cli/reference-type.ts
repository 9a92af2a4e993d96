import * as z from 'zod'
import { duration } from '../src/schema/duration.ts'
import { CookieName, HeaderValue, HostName, Method } from '../src/schema/http.ts'
import { Id } from '../src/schema/id.ts'
import { Window } from '../src/schema/limit.ts'
import { Country, Region } from '../src/schema/place.ts'
import type { JsonSchema } from './config-schema.ts'

/** Kinds of text that have a name, told by their pattern. */
const NAMED = new Map<unknown, string>(
  Object.entries({
    id: Id,
    duration: duration({ min: '1s', max: '1m' }),
    'host name': HostName,
    method: Method,
    name: CookieName,
    'header value': HeaderValue,
    country: Country,
    region: Region,
    window: Window,
  }).map(([name, schema]) => [z.toJSONSchema(schema, { io: 'input' }).pattern, name]),
)

/** The choices of a schema, if it is one of several. */
export function optionsOf({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] | undefined {
  return anyOf ?? oneOf
}

/** Whether a schema is told whole by its type, so that nothing below it needs a row of its own. */
export function isInline(schema: JsonSchema): boolean {
  const options = optionsOf(schema)
  if (options) return options.every((option) => isSmall(option))
  if (schema.properties) return false
  return isInlineBelow(schema.additionalProperties) && isInlineBelow(schema.items)
}

function isInlineBelow(schema: JsonSchema | false | undefined): boolean {
  return schema === undefined || schema === false || isInline(schema)
}

/** Small enough to be written as a type: an object of one setting, or anything without settings. */
function isSmall({ properties, ...schema }: JsonSchema): boolean {
  return properties ? Object.keys(properties).length === 1 : isInline(schema)
}

/** The type of a setting in words. */
export function describeType(schema: JsonSchema): string {
  const options = optionsOf(schema)
  if ('const' in schema) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
  if (options) return describeOptions(options)
  if (schema.items) return `list of ${describeType(schema.items)}`
  if (schema.properties) return 'object'
  if (schema.additionalProperties) {
    const key = schema.propertyNames ? describeType(schema.propertyNames) : 'text'
    return `map of ${key} to ${describeType(schema.additionalProperties)}`
  }
  if (schema.type === 'string') return NAMED.get(schema.pattern) ?? 'text'
  return schema.type === 'boolean' ? '`true`, `false`' : (schema.type ?? 'anything')
}

function describeOptions(options: readonly JsonSchema[]): string {
  if (!options.every(isSmall) || options.some(hasConstant)) return 'object'
  return [...new Set(options.map(describeOption))].join(', or ')
}

function hasConstant({ properties }: JsonSchema): boolean {
  return Object.values(properties ?? {}).some((schema) => 'const' in schema)
}

/** An object of one setting is written as it is typed; its inner code marks would end the outer ones. */
function describeOption(option: JsonSchema): string {
  const [first] = Object.entries(option.properties ?? {})
  if (!first) return describeType(option)
  return `\`{ "${first[0]}": ${describeType(first[1]).replaceAll('`', '')} }\``
}

const DURATION = / ?Duration from (\w+) to (\w+), as .*$/

/** What a setting means, without what its type and its limits say already. */
export function describeMeaning({ description, items }: JsonSchema): string {
  if (description === undefined) return items?.description ?? ''
  return description === Id.description ? '' : description.replace(DURATION, '')
}

/** The limits of a setting: range, length or number of entries. */
export function describeLimits(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMaximum, minLength, maxLength, minItems, maxItems } = schema
  const { minProperties, maxProperties } = schema
  const [, shortest, longest] = DURATION.exec(schema.description ?? '') ?? []
  const limits = [
    describeRange(shortest, longest, ''),
    describeRange(minimum, maximum, ''),
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
    describeRange(minLength, maxLength, ' characters'),
    describeRange(minItems, maxItems, ' entries'),
    describeRange(minProperties, maxProperties, ' entries'),
  ]
  return limits.filter(Boolean).join(', ')
}

type Bound = number | string | undefined

function describeRange(least: Bound, most: Bound, unit: string): string {
  if (least === undefined && most === undefined) return ''
  if (least === undefined) return `at most ${most}${unit}`
  if (most === undefined) return `at least ${least}${unit}`
  return `${least} to ${most}${unit}`
}
