import { afterEach, expect, it } from 'vitest'
import { emptyAll } from '../support/processes-worker.ts'
import { ask } from './ask.ts'

const weighing = (weight: number) => ({
  pools: { us: { origins: { 'us-1': { url: 'https://us-1.example.com', weight } } } },
})

async function put(weight: number, message = '') {
  const body = JSON.stringify(weighing(weight))
  return ask(`/v1/config?message=${message}`, { method: 'PUT', body })
}

afterEach(emptyAll)

it('lists revisions newest first, page by page', async () => {
  for (const weight of [1, 2, 3]) await put(weight)
  const first = await ask('/v1/revisions?limit=2')
  expect(first.json.items.map((item: { revision: number }) => item.revision)).toEqual([3, 2])
  const rest = await ask(`/v1/revisions?limit=2&before=${first.json.next}`)
  expect(rest.json.items.map((item: { revision: number }) => item.revision)).toEqual([1])
  expect(rest.json).not.toHaveProperty('next')
})

it('refuses a page that is none', async () => {
  for (const query of [
    'limit=0',
    'limit=101',
    'limit=x',
    'limit=',
    'before=-1',
    'offset=3',
    'limit=1.5',
  ]) {
    const told = await ask(`/v1/revisions?${query}`)
    expect([query, told.status, told.json.problems.length]).toEqual([query, 400, 1])
  }
})

it('tells one revision with what it says and what it changed', async () => {
  await put(1, 'first')
  await put(2, 'second')
  const told = await ask('/v1/revisions/2')
  expect(told.json).toEqual({
    revision: 2,
    author: '',
    message: 'second',
    createdAtMs: expect.any(Number),
    bytes: expect.any(Number),
    authored: weighing(2),
    diff: [{ path: '/pools/us/origins/us-1/weight', before: 1, after: 2 }],
    diffOmitted: 0,
  })
  expect((await ask('/v1/revisions/1')).json).toMatchObject({
    diff: [
      { path: '/pools/us/origins/us-1/url', after: 'https://us-1.example.com' },
      { path: '/pools/us/origins/us-1/weight', after: 1 },
    ],
  })
})

it('goes back to a revision by making it the newest', async () => {
  await put(1)
  await put(2)
  const told = await ask('/v1/revisions/1/rollback?message=back', { method: 'POST' })
  expect([told.status, told.headers.get('etag')]).toEqual([200, '"3"'])
  expect(told.json).toMatchObject({ outcome: 'accepted', revision: 3 })
  expect((await ask('/v1/config')).json).toEqual(weighing(1))
  expect((await ask('/v1/revisions/3')).json).toMatchObject({ restores: 1, message: 'back' })
  const again = await ask('/v1/revisions/1/rollback', { method: 'POST' })
  expect(again.json).toMatchObject({ outcome: 'unchanged', revision: 3 })
})

it('goes back only on the expected revision, and tries it out when asked to', async () => {
  await put(1)
  await put(2)
  const stale = { method: 'POST', headers: { 'if-match': '"1"' } }
  expect((await ask('/v1/revisions/1/rollback', stale)).status).toBe(412)
  const dry = await ask('/v1/revisions/1/rollback?dryRun=true', { method: 'POST' })
  expect(dry.json).toMatchObject({ dryRun: true, diff: [{ before: 2, after: 1 }] })
  expect((await ask('/v1/config')).headers.get('etag')).toBe('"2"')
})

it('knows no revision by another name', async () => {
  await put(1)
  for (const name of ['0', '2', '01', '-1', '1.0', 'x', '1e0', '%31%20', '99999999999999999999']) {
    const told = await ask(`/v1/revisions/${name}`)
    expect([name, told.status]).toEqual([name, 404])
    const back = await ask(`/v1/revisions/${name}/rollback`, { method: 'POST' })
    expect([name, back.status]).toEqual([name, 404])
  }
})
