import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, inject, it } from 'vitest'
import type { Lives } from './seed-worker.ts'

it('keeps every law whatever goes wrong', { timeout: 3_600_000 }, async () => {
  const { count, port } = inject('seeds')
  const told = await text(connect(port, '127.0.0.1'))
  const lives: readonly Lives[] = JSON.parse(told)
  const broken = lives.flatMap((part) => part.broken)
  expect(broken.join('\n\n')).toBe('')
  const lived = lives.reduce((sum, part) => sum + part.lived, 0)
  expect(lived).toBe(count)
})
