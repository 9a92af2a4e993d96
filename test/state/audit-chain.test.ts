import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Deed } from '../../src/schema/deed.ts'
import {
  type AuditEnds,
  type AuditRow,
  GENESIS,
  beginCheck,
  checkRows,
  endCheck,
  toAuditRow,
} from '../../src/state/audit-chain.ts'

const deedOf = (target: string, more: Partial<Deed> = {}): Deed => ({
  action: 'state.set',
  target,
  actor: { name: 'ann', from: '192.0.2.7' },
  reason: 'maintenance',
  ...more,
})

function logOf(length: number): AuditRow[] {
  const rows: AuditRow[] = []
  for (let index = 1; index <= length; index += 1) {
    rows.push(toAuditRow(rows.at(-1) ?? GENESIS, deedOf(`origin:us-${index}`), index * 1000))
  }
  return rows
}

const headOf = (rows: readonly AuditRow[]) => {
  const { sequence, hash } = rows.at(-1) ?? GENESIS
  return { sequence, hash }
}

function verifyChain(rows: readonly AuditRow[], ends: AuditEnds) {
  // In two goes: where the first ends must not matter.
  const first = checkRows(beginCheck(ends.anchor, ends.noted), rows.slice(0, 2), ends.noted)
  const whole = first.broken ? first : checkRows(first, rows.slice(2), ends.noted)
  return endCheck(whole, ends)
}

it('hashes the hash before and the text, as anyone can check', () => {
  const [first, second] = logOf(2)
  const hash = createHash('sha256').update(`${first?.hash}\n${second?.text}`).digest('hex')
  expect(second?.hash).toBe(hash)
})

it('holds while nothing is touched', () => {
  const rows = logOf(5)
  expect(verifyChain(rows, { anchor: GENESIS, head: headOf(rows) })).toEqual({
    ok: true,
    detail: '5 entries are what was written',
    entries: 5,
    anchor: GENESIS,
    head: headOf(rows),
  })
})

it('holds from the anchor on, when the oldest are no longer kept', () => {
  const rows = logOf(5)
  const check = { anchor: headOf(rows.slice(0, 2)), head: headOf(rows) }
  expect(verifyChain(rows.slice(2), check)).toMatchObject({ ok: true, entries: 3 })
})

it('shows what was done to it', () => {
  const rows = logOf(5)
  const check = { anchor: GENESIS, head: headOf(rows) }
  const forged = rows.map((row) =>
    row.sequence === 3 ? { ...row, text: row.text.replace('ann', 'bob') } : row,
  )
  expect(verifyChain(forged, check)).toMatchObject({ ok: false, brokenAt: 3 })
  const rehashed = [...rows.slice(0, 2), toAuditRow(headOf(rows.slice(0, 2)), deedOf('x'), 3000)]
  expect(verifyChain([...rehashed, ...rows.slice(3)], check)).toMatchObject({
    ok: false,
    brokenAt: 4,
  })
  const removed = rows.filter(({ sequence }) => sequence !== 2)
  expect(verifyChain(removed, check)).toMatchObject({ ok: false, brokenAt: 2 })
  expect(verifyChain(rows.slice(1), check)).toMatchObject({ ok: false, brokenAt: 1 })
  expect(verifyChain(rows.slice(0, 4), check)).toMatchObject({
    ok: false,
    brokenAt: 5,
    detail: 'the newest entries are missing: from 5 to 5',
  })
})

it('compares with a place that was noted elsewhere, which no rewriting passes', () => {
  const rows = logOf(3)
  const noted = headOf(rows.slice(0, 2))
  const check = { anchor: GENESIS, head: headOf(rows), noted }
  expect(verifyChain(rows, check).ok).toBe(true)
  const forged: AuditRow[] = []
  for (const target of ['a', 'b', 'c']) {
    forged.push(toAuditRow(forged.at(-1) ?? GENESIS, deedOf(target), 1))
  }
  expect(verifyChain(forged, { ...check, head: headOf(forged) })).toMatchObject({
    ok: false,
    detail: 'entry 2 has another hash than the one noted',
  })
  const late = { anchor: headOf(rows), head: headOf(rows), noted }
  expect(verifyChain([], late)).toMatchObject({
    ok: false,
    detail: 'entry 2 is no longer kept: note a newer one',
  })
})

it('tells the size of what does not fit', () => {
  const { text } = toAuditRow(GENESIS, deedOf('x', { after: 'a'.repeat(20_000) }), 0)
  expect(JSON.parse(text)).toMatchObject({ after: { omitted: '20002 characters' } })
})
