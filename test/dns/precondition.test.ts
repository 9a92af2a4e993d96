import { describe, expect, it } from 'vitest'
import { readyToWrite } from '../../dns/precondition.ts'
import type { RecordSet } from '../../src/schema/dns-record-set.ts'

const mark = { owner: 'portolan', record: 'www' }

function textOf(letter: string): RecordSet {
  const value = `"${letter.repeat(255)}"`
  return { name: 'www.example.com', type: 'TXT', ttl: 60, values: Array(8).fill(value), mark }
}

describe('a conflict', () => {
  it('tells both what was to stand and what stands, however long they are', () => {
    const change = { record: 'www', reason: 'a test', before: textOf('a'), after: textOf('b') }
    const ready = readyToWrite(change, textOf('c'))
    expect(ready).toEqual({
      outcome: 'conflict',
      detail: expect.stringMatching(/ "a+… .* was to stand there, but .* "c+… .* stands$/),
    })
  })
})
