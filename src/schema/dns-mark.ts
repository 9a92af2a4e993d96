import { DnsMark, type RecordKey } from './dns-record-set.ts'

const MARK = /^"?heritage=portolan,owner=(?<owner>[^,"]+),record=(?<record>[^,"]+)"?$/

/** Types that are marked beside themselves, by a TXT of this very name, are told apart by this. */
const PREFIX = '_portolan-'

/** The text of a mark, at most 127 characters: `heritage=portolan,owner=portolan,record=apex`. */
export function toMarkText({ owner, record }: DnsMark): string {
  return `heritage=portolan,owner=${owner},record=${record}`
}

/** Reads a mark, from a comment or from the value of a TXT; undefined when it is none. */
export function parseMarkText(text: string): DnsMark | undefined {
  const mark = DnsMark.safeParse({ ...MARK.exec(text.trim())?.groups })
  return mark.success ? mark.data : undefined
}

/** Whether a name is one of those that mark others. */
export function isCompanion(name: string): boolean {
  return name.startsWith(PREFIX)
}

/**
 * The name of the TXT that marks a record set where the provider keeps no comments:
 * `_portolan-a.www.example.com`, and `_portolan-a._wildcard.example.com` for `*.example.com`.
 */
export function companionName({ name, type }: RecordKey): string {
  return `${PREFIX}${type.toLowerCase()}.${name.replace(/^\*\./, '_wildcard.')}`
}
