import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { toBase64url } from '../../src/core/kernel/base64url.ts'
import { setData, createSessionCache, toCached } from '../../src/proxy/affinity/session-cache.ts'
import { parseDataHeader, toDataHeader } from '../../src/proxy/affinity/session-data.ts'
import { PROPERTY_SEED } from '../support/property-seed.ts'
import { NOW_MS } from './builders.ts'

const SECRET = 'secret'

function sessionOf(data?: string) {
  const lifetime = { ttlMs: 3_600_000, idleMs: 60_000 }
  const bound = { origin: 'a', boundAtMs: NOW_MS, usedAtMs: NOW_MS }
  const session = toCached({ name: 'anna', key: 'anna', lifetime, isHeld: false, ...bound })
  setData(createSessionCache(), session, data)
  return session
}

/** What an origin makes of the header, with WebCrypto instead of our own library. */
async function verify(header: string): Promise<string> {
  const [version, data = '', seconds, tag = ''] = header.split('.')
  const encoder = new TextEncoder()
  const hash = { name: 'HMAC', hash: 'SHA-256' }
  const secret = encoder.encode(SECRET)
  const key = await crypto.subtle.importKey('raw', secret, hash, false, ['verify'])
  const bytes = Uint8Array.from(tag.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16))
  const signed = encoder.encode(`${version}.${data}.${seconds}`)
  expect(await crypto.subtle.verify('HMAC', key, bytes, signed)).toBe(true)
  const binary = atob(data.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder().decode(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)))
}

it('hands over whatever text there is, so that anybody with the secret can verify it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
      const header = toDataHeader(sessionOf(text), SECRET, NOW_MS) ?? ''
      expect(header).toMatch(new RegExp(`^v1\\.[\\w-]*\\.${NOW_MS / 1000}\\.[0-9a-f]{64}$`))
      expect(await verify(header)).toBe(text)
      expect(parseDataHeader(header.split('.')[1] ?? '')).toBe(text === '' ? null : text)
    }),
    { numRuns: 100, seed: PROPERTY_SEED },
  )
})

it('signs anew when the data is another, or half a minute has gone by', () => {
  const session = sessionOf('one')
  const first = toDataHeader(session, SECRET, NOW_MS)
  expect(toDataHeader(session, SECRET, NOW_MS + 29_999)).toBe(first)
  expect(toDataHeader(session, SECRET, NOW_MS + 30_000)).not.toBe(first)
  setData(createSessionCache(), session, 'two')
  expect(toDataHeader(session, SECRET, NOW_MS)).toContain(btoa('two'))
  expect(toDataHeader(sessionOf(), SECRET, NOW_MS)).toBeUndefined()
})

it('takes what an origin says with padding or without, and nothing that is no text', () => {
  expect(parseDataHeader('')).toBeNull()
  expect(parseDataHeader('YQ')).toBe('a')
  expect(parseDataHeader('YQ==')).toBe('a')
  const most = toBase64url(new Uint8Array(4096).fill(97))
  expect(parseDataHeader(most)).toHaveLength(4096)
  const wrong = ['?', 'YR', 'a b', 'ä', '_w', `${most}YQ`, 'x'.repeat(100_000)]
  expect(wrong.map(parseDataHeader)).toEqual(wrong.map(() => undefined))
})
