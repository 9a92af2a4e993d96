import { describe, expect, it } from 'vitest'
import { Reason } from '../../src/schema/traffic-request.ts'

describe('Reason', () => {
  it.each(['', 'moved by hand', 'Überlast – siehe #12', '日本 🌏'])('takes %j', (text) => {
    expect(Reason.safeParse(text)).toEqual({ success: true, data: text })
  })

  it.each(['\u001B[2J', 'two\nlines', '\u0007', 'a\u009Bb'])('refuses %j', (text) => {
    expect(Reason.safeParse(text).error?.issues[0]?.message).toMatch(/without control characters/)
  })
})
