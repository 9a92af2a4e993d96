import { valueOf } from './fields.ts'
import { parseHttpDate } from './http-date.ts'
import type { CacheResponse, Fields } from './message.ts'

const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/

/** The entity tag of an answer, if it is one (RFC 9110 §8.8.3). */
export function entityTagOf(fields: Fields): string | undefined {
  const value = valueOf(fields, 'etag')?.trim()
  return value !== undefined && ENTITY_TAG.test(value) ? value : undefined
}

/** Whether an origin can be asked if an answer still holds: 304 tells of a 200 (RFC 9111 §4.3.4). */
export function isValidatable({ status, fields }: CacheResponse): boolean {
  const hasValidator =
    entityTagOf(fields) !== undefined || valueOf(fields, 'last-modified') !== undefined
  return status === 200 && hasValidator
}

/** Weak comparison of entity tags (RFC 9110 §8.8.3.2). */
export function isWeaklyEqual(one: string, other: string): boolean {
  return toOpaque(one) === toOpaque(other)
}

/** Strong comparison: neither is weak. */
export function isStronglyEqual(one: string, other: string): boolean {
  return one === other && !one.startsWith('W/')
}

/** Whether `Last-Modified` is a strong validator: at least a second before `Date` (RFC 9110 §8.8.2.2). */
export function isStrongDate(lastModifiedMs: number, fields: Fields, nowMs: number): boolean {
  const value = valueOf(fields, 'date')
  const dateMs = value === undefined ? undefined : parseHttpDate(value, nowMs)
  return dateMs !== undefined && lastModifiedMs + 1000 <= dateMs
}

function toOpaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}
