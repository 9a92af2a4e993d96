import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { readConfigFile } from '../../cli/config-file.ts'
import { decide } from '../../src/core/decide.ts'
import type { Decision } from '../../src/core/decision.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { ClientFacts, RequestFacts } from '../../src/schema/facts.ts'
import { factsOf, observationsOf, snapshotOf } from '../support/builders.ts'

type Facts = Partial<z.input<typeof RequestFacts>>

/** A request, and the route and the attempts, or the status, that it must lead to. */
type Row = readonly [request: string, facts: Facts, expected: string]

const BERLIN = { country: 'DE', continent: 'EU', location: { latitude: 52.5, longitude: 13.4 } }
const OSAKA = { country: 'JP', continent: 'AS', location: { latitude: 34.7, longitude: 135.5 } }
const LIMA = { country: 'PE', continent: 'SA', location: { latitude: -12, longitude: -77 } }
const SHOP = { host: 'shop.example.com' }
const IAD = { origin: 'iad-1', boundAtMs: 0 }
const PHONE = {
  'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148',
}

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  demo: [
    ['a page from Berlin', { client: BERLIN }, 'site: eu-1, us-1, ap-1'],
    ['a page from Osaka', { client: OSAKA }, 'site: ap-1, eu-1, us-1'],
    ['a file from Osaka', { path: '/files/a', client: OSAKA }, 'files: ap-1, us-1, eu-1'],
    ['a file from nowhere', { path: '/files/a' }, 'files: us-1, eu-1, ap-1'],
  ],
  failover: [
    ['a draw for the one', { random: 0.9 }, 'site: fra-1, fra-2, dub-1'],
    ['a draw for the other', { random: 0.1 }, 'site: fra-2, fra-1, dub-1'],
    ['another host', { host: 'example.com' }, 'refused: no-route'],
  ],
  canary: [],
  geo: [
    ['the office in Berlin', { client: { ...BERLIN, asn: 64500 } }, 'site: office-1, fra-1, iad-1'],
    ['California', { client: { country: 'US', region: 'US-CA' } }, 'site: sjc-1, iad-1, fra-1'],
    ['Texas', { client: { country: 'US', continent: 'NA' } }, 'site: iad-1, sjc-1, fra-1'],
    ['Britain', { client: { country: 'GB', continent: 'EU' } }, 'site: lhr-1, fra-1, iad-1'],
    ['Peru', { client: LIMA }, 'site: iad-1, fra-1'],
  ],
  proximity: [
    ['Berlin', { client: BERLIN }, 'site: fra-1, iad-1, sin-1'],
    ['Osaka', { client: OSAKA }, 'site: sin-1, fra-1, iad-1'],
    ['Lima', { client: LIMA }, 'site: gru-1, iad-1, fra-1'],
    ['a client of unknown place', {}, 'site: iad-1, fra-1, sin-1'],
  ],
  content: [
    ['a call', { path: '/api/users' }, 'api: api-2, api-1'],
    ['a call from a phone', { path: '/api/users', headers: PHONE }, 'api: api-2, api-1'],
    ['a file', { path: '/files/logo.svg' }, 'files: files-1'],
    ['a PDF anywhere', { path: '/press/2026/report.pdf' }, 'files: files-1'],
    ['a page on a phone', { headers: PHONE }, 'mobile: mobile-1, web-1'],
    ['a page on a desk', { headers: { 'user-agent': 'Firefox/140' } }, 'web: web-1'],
  ],
  'read-write-split': [
    ['a read from Berlin', { client: BERLIN }, 'app: fra-1, iad-1, sin-1'],
    ['a HEAD from Osaka', { method: 'HEAD', client: OSAKA }, 'app: sin-1, fra-1, iad-1'],
    ['a write from Berlin', { method: 'POST', client: BERLIN }, 'app: iad-1, iad-2'],
    ['a deletion from Osaka', { method: 'DELETE', client: OSAKA }, 'app: iad-1, iad-2'],
    ['who wrote, from Berlin', { client: BERLIN, wroteUntilMs: 1 }, 'app: iad-1, iad-2, fra-1'],
  ],
  sessions: [
    ['an app', { host: 'app.example.com', random: 0.9 }, 'app: fra-1, fra-2, iad-2'],
    [
      'an app that is known',
      { host: 'app.example.com', headers: { 'x-session': 'anna' }, bond: IAD, random: 0.9 },
      'app: iad-1, fra-1, fra-2',
    ],
    [
      'a device',
      { host: 'devices.example.com', client: { ip: '203.0.113.7' }, random: 0.9 },
      'devices: fra-1, fra-2, iad-2',
    ],
  ],
  affinity: [
    [
      'a shopper from Berlin',
      { ...SHOP, client: BERLIN, random: 0.9 },
      'shop: fra-1, fra-2, iad-1',
    ],
    ['who is bound', { ...SHOP, client: BERLIN, bond: IAD }, 'shop: iad-1, fra-1, fra-2'],
    [
      'an app',
      { ...SHOP, path: '/api/a', headers: { 'x-session': '7' } },
      'api: iad-2, iad-1, fra-2',
    ],
    ['the same', { ...SHOP, path: '/api/b', cookies: { sid: '7' } }, 'api: iad-2, iad-1, fra-2'],
    ['a player', { host: 'game.example.com', bond: IAD }, 'game: iad-1'],
  ],
  beta: [
    ['the header', { headers: { 'x-beta': '1' } }, 'beta: beta-1, stable-1'],
    ['the cookie', { cookies: { beta: 'yes' } }, 'beta: beta-1, stable-1'],
    ['the cookie of one who left', { cookies: { beta: 'no' } }, 'stable: stable-1'],
    ['neither', {}, 'stable: stable-1'],
  ],
  maintenance: [
    ['a customer', { host: 'shop.example.com' }, 'closed: 503'],
    ['the team', { host: 'shop.example.com', client: { ip: '198.51.100.7' } }, 'team: shop-1'],
  ],
  redirect: [
    ['the bare domain', { host: 'example.com', path: '/a' }, 'apex: 301'],
    ['the old name', { host: 'shop.example.org' }, 'apex: 301'],
    ['a page that moved', { path: '/about-us' }, 'moved: 308'],
    ['plain http', { scheme: 'http', path: '/about-us' }, 'plain: 308'],
    ['the site', { path: '/company' }, 'site: site-1'],
  ],
  mirror: [
    ['a draw for the copy', { path: '/api/a', random: 0.02 }, 'api: current-1, copy to rewrite-1'],
    ['a draw for none', { path: '/api/a', random: 0.5 }, 'api: current-1'],
  ],
  recovery: [
    ['Berlin', { client: BERLIN, random: 0.1 }, 'site: fra-2, fra-1, iad-1'],
    ['Lima', { client: LIMA, random: 0.9 }, 'site: iad-3, iad-1, fra-1'],
  ],
  drain: [
    ['a new client', { random: 0.1 }, 'shop: shop-3, shop-1, shop-2'],
    [
      'who is bound',
      { random: 0.1, bond: { origin: 'shop-1', boundAtMs: 0 } },
      'shop: shop-1, shop-3, shop-2',
    ],
  ],
  'deep-health': [
    ['a read', { random: 0.1 }, 'read: fra-2, fra-1, fra-1-w'],
    ['a write', { method: 'POST' }, 'write: fra-1-w, fra-2-w'],
  ],
  interlocks: [
    ['a page', {}, 'site: us-1, eu-1, ap-1'],
    ['a call', { path: '/api/a', client: { ip: '203.0.113.1' } }, 'api: eu-1, us-1, ap-1'],
  ],
  notifications: [['anything', {}, 'all: us-1, eu-1']],
  shedding: [
    ['a page', {}, 'site: fra-1, iad-1'],
    ['a report', { path: '/reports/a' }, 'reports: fra-1'],
    ['the checkout', { path: '/checkout/a' }, 'checkout: fra-1, iad-1'],
  ],
  limits: [
    ['a login', { ...SHOP, path: '/login' }, 'login: eu-1'],
    ['a call', { ...SHOP, path: '/api/a' }, 'api: eu-1'],
    ['a page', SHOP, 'site: eu-1'],
  ],
  connections: [['a chat', { random: 0.1 }, 'live: fra-1, fra-2, iad-1']],
  'dns-failover': [['who plays', { host: 'play.example.com' }, 'game: fra-1, fra-2, iad-2']],
  'dns-rfc2136': [['who plays', { host: 'play.example.com' }, 'play: eu-1, us-1']],
  'dns-route53': [
    ['Osaka', { client: OSAKA }, 'site: ap-1, eu-2, us-1'],
    ['a call', { host: 'api.example.com', random: 0.1 }, 'api: us-2, us-1, eu-1'],
    ['a login', { host: 'login.example.com' }, 'login: eu-2, eu-1, us-1'],
  ],
  'dns-cloudflare': [['a chat', { host: 'example.com' }, 'chat: eu-2, eu-1, us-1']],
  'dns-powerdns': [['a caller', { host: 'sip.example.com' }, 'calls: eu-1, us-1']],
  'dns-story': [['who plays', {}, 'game: eu-1, us-1']],
  story: [['a client', { client: { ip: '203.0.113.7' }, random: 0.1 }, 'shop: eu-1, eu-2, us-2']],
  'cache-purge': [
    ['a page', { host: 'www.shop.localhost', random: 0.9 }, 'shop: shop-1, shop-2'],
    ['another host', {}, 'refused: no-route'],
  ],
  cache: [
    ['a file', { path: '/files/a.txt' }, 'files: web-1'],
    ['the news', { path: '/news/today' }, 'news: web-1'],
    ['an account', { path: '/account/me' }, 'web: web-1'],
  ],
  'cache-keys': [
    ['a page', { path: '/shop/a' }, 'shop: web-1'],
    ['a file', { path: '/files/a.txt' }, 'files: web-1'],
    ['anything else', {}, 'refused: no-route'],
  ],
  'cache-shield': [['a page', { random: 0.1 }, 'site: fra-2, fra-1, iad-1']],
  blocking: [
    ['a bad block', { client: { ip: '192.0.2.77' } }, 'blocked: 403'],
    ['a bad block of IPv6', { client: { ip: '2001:db8:bad::1' } }, 'blocked: 403'],
    ['a bad network', { client: { ip: '203.0.113.1', asn: 64511 } }, 'blocked: 403'],
    ['Tor', { client: { country: 'T1' } }, 'blocked: 403'],
    ['anyone', { client: { ip: '203.0.113.1', asn: 64500 } }, 'site: site-1'],
    ['admin for anyone', { path: '/admin/', client: { ip: '203.0.113.1' } }, 'admin: 404'],
    ['admin for the office', { path: '/admin/', client: { ip: '198.51.100.9' } }, 'office: site-1'],
  ],
}

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))
const names = readdirSync(folder).map((file) => file.replace(/\.jsonc$/, ''))

describe.each(names)('examples/%s.jsonc', (name) => {
  const snapshot = load(name)

  it.each(TABLES[name] ?? [])('%s', (_request, facts, expected) => {
    expect(toText(decideOn(snapshot, facts))).toBe(expected)
  })
})

describe('the shares that examples promise', () => {
  it('canary: 5 % of the clients, each always the same way', () => {
    const share = shareOf(load('canary'), 'canary-1', (client) => ({ client }))
    expect(share).toBeGreaterThan(0.035)
    expect(share).toBeLessThan(0.065)
  })

  it('geo: one in ten clients of Germany goes to America', () => {
    const share = shareOf(load('geo'), 'iad-1', (client) => ({ client: { ...BERLIN, ...client } }))
    expect(share).toBeGreaterThan(0.08)
    expect(share).toBeLessThan(0.12)
  })

  it('demo: half of the calls go to the US', () => {
    const share = shareOf(load('demo'), 'us-1', (client, random) => ({
      path: '/api/',
      client,
      random,
    }))
    expect(share).toBeGreaterThan(0.46)
    expect(share).toBeLessThan(0.54)
  })

  it('mirror: a tenth of the requests is copied', () => {
    const snapshot = load('mirror')
    const copied = draws().filter((random) => {
      const decision = decideOn(snapshot, { path: '/api/a', random })
      return decision.type === 'steer' && decision.mirror !== undefined
    })
    expect(copied.length / draws().length).toBeCloseTo(0.1, 1)
  })
})

it('there is a table for every example', () => {
  expect(Object.keys(TABLES)).toEqual(expect.arrayContaining(names))
})

function load(name: string): Snapshot {
  const file = readConfigFile(`${folder}${name}.jsonc`)
  if (!file.ok) throw new Error(file.errors.join('\n'))
  expect(file.warnings).toEqual([])
  return snapshotOf(file.authored as AuthoredConfig)
}

function decideOn(snapshot: Snapshot, facts: Facts): Decision {
  return decide(factsOf(facts), snapshot, observationsOf(snapshot))
}

function toText(decision: Decision): string {
  switch (decision.type) {
    case 'steer': {
      const attempts = decision.attempts.map(({ id }) => id).join(', ')
      const copy = decision.mirror ? `, copy to ${decision.mirror.id}` : ''
      return `${decision.route.id}: ${attempts}${copy}`
    }
    case 'respond':
      return `${decision.route.id}: ${decision.respond.status}`
    case 'redirect':
      return `${decision.route.id}: ${decision.redirect.status}`
    case 'refuse':
      return `refused: ${decision.reason.type}`
  }
}

/** The share of 4,096 clients, each with a draw of its own, whose first attempt is the origin. */
function shareOf(
  snapshot: Snapshot,
  origin: string,
  toRequest: (client: ClientFacts, random: number) => Facts,
): number {
  const all = draws()
  const won = all.filter((random, at) => {
    const client = { ip: `10.1.${Math.floor(at / 256)}.${at % 256}` }
    const decision = decideOn(snapshot, toRequest(client, random))
    return decision.type === 'steer' && decision.attempts[0]?.id === origin
  })
  return won.length / all.length
}

function draws(): number[] {
  return Array.from({ length: 4096 }, (_, at) => at / 4096)
}
