import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createControlClient } from '../../durable/control-methods.ts'
import { CALL_URL } from '../../durable/wire.ts'

const stub = () => env.CONTROL.get(env.CONTROL.idFromName('control'))
const control = createControlClient(env, 5000)

async function send(url: string, init: RequestInit = { method: 'POST', body: '{}' }) {
  const response = await stub().fetch(url, init)
  return response.json()
}

const noSuchMethod = { ok: false, error: { kind: 'refused', message: 'no such method' } }

beforeAll(async () => {
  await control.call('put', { authored: {}, author: 'ann' })
})

describe('what itty-durable would let any request do', () => {
  const paths = [
    'do/call/destroy',
    'do/call/reset',
    'do/call/toJSON',
    'do/call/persist',
    'do/call/config',
    'do/set/parsed',
    'do/set/methods',
    'do/get-prop/state',
  ]

  it.each(paths)('is out of reach: %s', async (path) => {
    const content = { 'do-content': '[]', 'do-name': 'control' }
    for (const base of ['https://itty-durable/', 'https://object/', CALL_URL]) {
      expect(await send(base + path, { headers: content })).toEqual(noSuchMethod)
      const post = { method: 'POST', headers: content, body: '{}' }
      expect(await send(base + path, post)).toEqual(noSuchMethod)
    }
  })

  it('leaves the revisions as they were', async () => {
    const called = await control.call('revisions', {})
    expect(called).toMatchObject({ ok: true, value: { items: [{ revision: 1, author: 'ann' }] } })
  })
})

describe('a name that is no method', () => {
  const inherited = [
    'constructor',
    '__proto__',
    'prototype',
    'hasOwnProperty',
    'toString',
    'valueOf',
    '__defineGetter__',
  ]
  const own = [
    'fetch',
    'alarm',
    'dispatch',
    'begin',
    'write',
    'run',
    'onLoad',
    'machine',
    'storage',
  ]
  const shaped = [
    '',
    '/',
    'config/',
    'config?x=1',
    'Config',
    'put/../destroy',
    '%63onfig',
    'config#x',
  ]

  it.each([...inherited, ...own, ...shaped])('is refused: "%s"', async (name) => {
    // A fragment never leaves the client: what arrives is the method itself, and harmless.
    const expected = name === 'config#x' ? { ok: true } : noSuchMethod
    expect(await send(CALL_URL + name)).toMatchObject(expected)
  })
})

describe('a call that is not as it should be', () => {
  it('is refused without a body, with a broken one and with the wrong one', async () => {
    const url = `${CALL_URL}snapshot`
    const refused = { ok: false, error: { kind: 'refused' } }
    for (const body of ['', '{', '[]', 'null', '"x"', '{"after":"1"}', '{"after":-2}']) {
      expect(await send(url, { method: 'POST', body })).toMatchObject(refused)
    }
  })

  it('is refused by any method but POST', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      expect(await send(`${CALL_URL}config`, { method })).toEqual(noSuchMethod)
    }
  })

  it('does not matter for the parameters it adds: a newer Worker may meet an older object', async () => {
    const body = JSON.stringify({ after: 0, addedLater: true })
    expect(await send(`${CALL_URL}snapshot`, { method: 'POST', body })).toMatchObject({ ok: true })
  })
})

it('takes a body far larger than any header', async () => {
  const long = 'x'.repeat(2_000_000)
  const called = await control.call('put', { authored: { nonsense: long } })
  expect(called).toMatchObject({ ok: true, value: { outcome: 'rejected' } })
})

it('puts neither a binding nor a router onto the state that the platform gave', async () => {
  const keys = await runInDurableObject(stub(), (_instance, state) => Object.keys(state))
  expect(keys).not.toContain('router')
  expect(keys).not.toContain('SNAPSHOTS')
})
