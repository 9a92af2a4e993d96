import { describe, expect, it } from 'vitest'
import type { RecordSet, Variant } from '../../../src/schema/dns-record-set.ts'
import { change, MARK, ours, startStage } from '../../support/route53/stage.ts'

const DONE = { outcome: 'done' } as const
const WWW = { name: 'www.example.com', type: 'A' } as const

function shown({ name, type, values }: { name: string; type: string; values: readonly string[] }) {
  return `${name} ${type} ${values.join(' ')}`
}

function toSets(variants: readonly Variant[], ttl = 60): readonly RecordSet[] {
  return variants.map((variant, at) =>
    ours({ variant, ttl, values: [`192.0.2.${at + 1}`, `198.51.100.${at + 1}`] }),
  )
}

function byId(sets: readonly RecordSet[]): readonly RecordSet[] {
  return sets.toSorted((one, other) =>
    (one.variant?.id ?? '') < (other.variant?.id ?? '') ? -1 : 1,
  )
}

describe('Route 53', () => {
  it('makes a record set together with the TXT that marks it, in one batch', async () => {
    const { zone, hosted, server } = await startStage()
    expect(await zone.apply([change(undefined, ours())])).toEqual([DONE])
    expect(hosted.sets.slice(2).map(shown)).toEqual([
      '_portolan-a.www.example.com. TXT "heritage=portolan,owner=portolan,record=www"',
      'www.example.com. A 192.0.2.1',
    ])
    expect(server.bodies).toHaveLength(1)
    expect(await zone.read([WWW])).toEqual({ ok: true, value: [ours()] })
  })

  it('changes and removes it, and the mark goes with the last', async () => {
    const { zone, hosted } = await startStage()
    const after = ours({ values: ['192.0.2.2', '192.0.2.3'], ttl: 30 })
    await zone.apply([change(undefined, ours())])
    expect(await zone.apply([change(ours(), after)])).toEqual([DONE])
    expect(await zone.read([WWW])).toEqual({ ok: true, value: [after] })
    expect(await zone.apply([change(after)])).toEqual([DONE])
    expect(hosted.sets).toHaveLength(2)
  })

  it('writes nothing when all is done already', async () => {
    const { zone, server } = await startStage()
    await zone.apply([change(undefined, ours())])
    const other = ours({ name: 'gone.example.com' })
    expect(await zone.apply([change(undefined, ours()), change(other)])).toEqual([DONE, DONE])
    expect(server.bodies).toHaveLength(1)
  })

  it('never touches what has no mark', async () => {
    const { zone, account, hosted } = await startStage()
    const foreign = { ...WWW, ttl: 60, values: ['192.0.2.1'] }
    account.plant(hosted, foreign)
    expect(await zone.read([WWW])).toEqual({ ok: true, value: [foreign] })
    const before = hosted.sets
    const changes = [change(foreign, ours({ ttl: 30 })), change(foreign), change(undefined, ours())]
    for (const one of changes) {
      expect(await zone.apply([one])).toMatchObject([{ outcome: 'conflict' }])
    }
    expect(hosted.sets).toBe(before)
  })

  it('takes the hint when the mark has been taken away', async () => {
    const { zone, account, hosted } = await startStage()
    await zone.apply([change(undefined, ours())])
    hosted.sets = hosted.sets.filter(({ type }) => type !== 'TXT')
    const [result] = await zone.apply([change(ours(), ours({ ttl: 30 }))])
    expect(result).toMatchObject({ outcome: 'conflict' })
    account.plant(hosted, {
      name: '_portolan-a.www.example.com',
      type: 'TXT',
      ttl: 5,
      values: ['"heritage=portolan,owner=another,record=www"'],
    })
    const [other] = await zone.apply([change(ours(), ours({ ttl: 30 }))])
    expect(other).toMatchObject({ outcome: 'conflict', detail: expect.stringContaining('another') })
  })

  it('makes nothing beside the mark of another, though nothing else stands there', async () => {
    const { zone, account, hosted } = await startStage()
    account.plant(hosted, {
      name: '_portolan-a.www.example.com',
      type: 'TXT',
      ttl: 5,
      values: ['"heritage=portolan,owner=another,record=www"'],
    })
    const detail = expect.stringContaining('belongs to "another"') as string
    expect(await zone.apply([change(undefined, ours())])).toEqual([{ outcome: 'conflict', detail }])
    expect(hosted.sets).toHaveLength(3)
  })

  it('adopts a set that an operator has marked by hand, with any TTL', async () => {
    const { zone, account, hosted } = await startStage()
    account.plant(
      hosted,
      { ...WWW, ttl: 60, values: ['192.0.2.1'] },
      {
        name: '_portolan-a.www.example.com',
        type: 'TXT',
        ttl: 7,
        values: ['"heritage=portolan,owner=portolan,record=www"'],
      },
    )
    expect(await zone.apply([change(ours(), ours({ ttl: 30 }))])).toEqual([DONE])
  })

  it('leaves alone what is more than we can say, though it be marked', async () => {
    const { zone, account, hosted } = await startStage()
    await zone.apply([change(undefined, ours())])
    hosted.sets = hosted.sets.filter(({ type }) => type !== 'A')
    const alias = { zone: 'Z2', name: 'lb.example.org.', isEvaluated: false }
    account.plant(hosted, { ...WWW, values: [], alias })
    const read = await zone.read([WWW])
    const seen = { ...WWW, ttl: 0, values: ['ALIAS lb.example.org.'] }
    expect(read).toEqual({ ok: true, value: [seen] })
    const changes = [change(undefined, ours()), change({ ...seen, mark: MARK }, ours())]
    for (const one of changes) {
      expect(await zone.apply([one])).toMatchObject([{ outcome: 'conflict' }])
    }
  })

  it('answers each change by itself, whatever becomes of the others', async () => {
    const { zone, hosted, server } = await startStage()
    const sets = Array.from({ length: 8 }, (_, at) => ours({ name: `h${at}.example.com` }))
    const bad = ours({ name: 'h3.example.com', values: ['not an address'] })
    const wrong = ours({ name: 'h6.example.com', ttl: 5 })
    const changes = sets.map((set) => change(undefined, set))
    const results = await zone.apply([
      ...changes.slice(0, 3),
      change(undefined, bad),
      ...changes.slice(4, 6),
      change(wrong, sets[6]),
      ...changes.slice(7),
    ])
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'done',
      'done',
      'done',
      'failed',
      'done',
      'done',
      'conflict',
      'done',
    ])
    expect(results[3]).toMatchObject({
      failure: { kind: 'refused', detail: expect.stringContaining('ARRDATAIllegalIPv4Address') },
    })
    expect(hosted.sets.filter(({ type }) => type === 'A')).toHaveLength(6)
    // Seven names in one batch, halved until the bad one was alone.
    expect(server.bodies).toHaveLength(7)
  })

  it('keeps within what one batch may hold', async () => {
    const { zone, server } = await startStage()
    const text = `"${'a'.repeat(250)}"`
    const sets = Array.from({ length: 150 }, (_, at) =>
      ours({ name: `t${at}.example.com`, type: 'TXT', values: [text] }),
    )
    const results = await zone.apply(sets.map((set) => change(undefined, set)))
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
    expect(server.bodies).toHaveLength(2)
  })

  it('is told of a write that came in between by Route 53 itself', async () => {
    const stage = await startStage()
    const { zone, account, hosted, server } = stage
    await zone.apply([change(undefined, ours())])
    // Between our look and our write, another writer changes the values.
    const rival: RecordSet = ours({ values: ['192.0.2.66'] })
    server.meanwhile(/POST/, () => account.plant(hosted, { ...rival, values: [...rival.values] }))
    const results = await zone.apply([change(ours(), ours({ values: ['192.0.2.2'] }))])
    expect(results).toMatchObject([
      { outcome: 'conflict', detail: expect.stringContaining('do not match') },
    ])
    expect(await zone.read([WWW])).toEqual({ ok: true, value: [rival] })
  })

  it('is told when the mark was taken away in between', async () => {
    const { zone, hosted, server } = await startStage()
    await zone.apply([change(undefined, ours())])
    server.meanwhile(/POST/, () => {
      hosted.sets = hosted.sets.filter(({ type }) => type !== 'TXT')
    })
    const results = await zone.apply([change(ours(), ours({ values: ['192.0.2.2'] }))])
    expect(results).toMatchObject([
      { outcome: 'conflict', detail: expect.stringContaining('not found') },
    ])
    expect(hosted.sets.find(({ type }) => type === 'A')?.values).toEqual(['192.0.2.1'])
  })

  it.each([
    ['AAAA', '2001:db8::1'],
    ['CNAME', 'target.example.org'],
    ['SRV', '10 5 5060 sip.example.com'],
    ['HTTPS', '1 . alpn=h2,h3 port=8443'],
    ['TXT', String.raw`"quoted \"text\" and \\ and \195\164" "more"`],
  ] as const)('keeps %s as it is', async (type, value) => {
    const { zone } = await startStage()
    const set = ours({ type, values: [value], name: '*.example.com' })
    expect(await zone.apply([change(undefined, set)])).toEqual([DONE])
    expect(await zone.read([set])).toEqual({ ok: true, value: [set] })
    expect(await zone.apply([change(set, { ...set, ttl: 5 })])).toEqual([DONE])
  })
})

describe('Route 53 with several sets of one name', () => {
  const choices: readonly Variant[][] = [
    [
      { by: 'weight', id: 'eu', weight: 255 },
      { by: 'weight', id: 'us & more', weight: 0 },
    ],
    [
      { by: 'place', id: 'everywhere', place: 'default' },
      { by: 'place', id: 'eu', place: { continent: 'EU' } },
      { by: 'place', id: 'de', place: { country: 'DE' } },
      { by: 'place', id: 'ca', place: { region: 'US-CA' } },
    ],
    [
      { by: 'latency', id: 'eu', region: 'eu-central-1' },
      { by: 'latency', id: 'us', region: 'us-east-1' },
    ],
    [
      { by: 'failover', id: 'eu', role: 'primary', healthCheck: 'hc-eu' },
      { by: 'failover', id: 'us', role: 'secondary' },
    ],
  ]

  it.each(choices)('makes, changes and removes %j …', async (...variants) => {
    const { zone, hosted, server } = await startStage({ healthChecks: ['hc-eu'] })
    const sets = toSets(variants)
    const results = await zone.apply(sets.map((set) => change(undefined, set)))
    expect(results).toEqual(sets.map(() => DONE))
    expect(await zone.read([WWW])).toEqual({ ok: true, value: byId(sets) })
    const [first] = sets
    const changed = first && { ...first, values: ['203.0.113.1'] }
    expect(await zone.apply([change(first, changed)])).toEqual([DONE])
    const rest = sets.slice(1)
    expect(await zone.apply(rest.map((set) => change(set)))).toEqual(rest.map(() => DONE))
    expect(hosted.sets.filter(({ type }) => type === 'TXT')).toHaveLength(1)
    expect(await zone.apply([change(changed)])).toEqual([DONE])
    expect(hosted.sets).toHaveLength(2)
    expect(server.bodies).toHaveLength(4)
  })

  it('goes from one way of choosing to any other in one batch', async () => {
    const { zone } = await startStage({ healthChecks: ['hc-eu'] })
    let standing: readonly RecordSet[] = []
    for (const sets of [[ours()], ...choices.map((variants) => toSets(variants)), [ours()]]) {
      const changes = [
        ...standing.map((set) => change(set)),
        ...sets.map((set) => change(undefined, set)),
      ]
      expect(new Set(await zone.apply(changes))).toEqual(new Set([DONE]))
      expect(await zone.read([WWW])).toEqual({ ok: true, value: byId(sets) })
      standing = sets
    }
  })

  it('lets a set become another variant in one change', async () => {
    const { zone } = await startStage()
    const [weighted] = toSets([{ by: 'weight', id: 'eu', weight: 1 }])
    await zone.apply([change(undefined, ours())])
    expect(await zone.apply([change(ours(), weighted)])).toEqual([DONE])
    expect(await zone.apply([change(ours(), weighted)])).toEqual([DONE])
    expect(await zone.read([WWW])).toEqual({ ok: true, value: [weighted] })
  })

  it('lets two variants change places', async () => {
    const { zone } = await startStage()
    const [one, other] = toSets([
      { by: 'place', id: 'a', place: { country: 'DE' } },
      { by: 'place', id: 'b', place: { country: 'FR' } },
    ])
    if (!one || !other) throw new Error('two sets')
    await zone.apply([change(undefined, one), change(undefined, other)])
    const swapped = [
      { ...one, variant: { by: 'place', id: 'a', place: { country: 'FR' } } as const },
      { ...other, variant: { by: 'place', id: 'b', place: { country: 'DE' } } as const },
    ]
    const results = await zone.apply([change(one, swapped[0]), change(other, swapped[1])])
    expect(results).toEqual([DONE, DONE])
    expect(await zone.read([WWW])).toEqual({ ok: true, value: swapped })
  })

  it('writes none of them while one is not what it was', async () => {
    const { zone, server } = await startStage()
    const [one, other] = toSets([
      { by: 'weight', id: 'a', weight: 1 },
      { by: 'weight', id: 'b', weight: 1 },
    ])
    if (!one || !other) throw new Error('two sets')
    await zone.apply([change(undefined, one), change(undefined, other)])
    const stale = { ...other, values: ['192.0.2.77'] }
    const results = await zone.apply([
      change(one, { ...one, values: ['192.0.2.9'] }),
      change(stale, { ...other, values: ['192.0.2.8'] }),
    ])
    expect(results).toMatchObject([{ outcome: 'conflict' }, { outcome: 'conflict' }])
    expect(server.bodies).toHaveLength(1)
  })

  it('keeps the health check that an operator has put on a variant', async () => {
    const { zone, hosted } = await startStage({ healthChecks: ['hc-1'] })
    const [set] = toSets([{ by: 'weight', id: 'a', weight: 1 }])
    await zone.apply([change(undefined, set)])
    hosted.sets = hosted.sets.map((one) =>
      one.type === 'A' ? { ...one, healthCheck: 'hc-1' } : one,
    )
    await zone.apply([change(set, ours({ ...set, values: ['192.0.2.9'] }))])
    expect(hosted.sets.find(({ type }) => type === 'A')).toMatchObject({ healthCheck: 'hc-1' })
  })

  it('adds none beside those of another', async () => {
    const { zone, account, hosted } = await startStage()
    account.plant(hosted, { ...WWW, ttl: 60, values: ['192.0.2.7'], identifier: 'x', weight: 1 })
    const [set] = toSets([{ by: 'weight', id: 'a', weight: 1 }])
    expect(await zone.apply([change(undefined, set)])).toMatchObject([{ outcome: 'conflict' }])
    expect(hosted.sets).toHaveLength(3)
  })
})
