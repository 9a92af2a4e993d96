import { describe, expect, it } from 'vitest'
import { toVerdictFailure } from '../../../dns/rfc2136/words.ts'
import { importTsigKey } from '../../../dns/rfc2136/tsig.ts'
import { query } from '../any-message.ts'

async function tell(verified: Parameters<typeof toVerdictFailure>[0]) {
  const key = await importTsigKey({ name: 'portolan', algorithm: 'hmac-sha256' }, 'AAAA')
  if (!key) throw new Error('no key')
  return toVerdictFailure(verified, key, Date.UTC(2026, 10, 21, 12))
}

describe('an answer that is not believed', () => {
  it('is told with both clocks, however far the other one is', async () => {
    expect(await tell({ verdict: 'bad-time', serverMs: Date.UTC(2026, 10, 21, 11) })).toEqual({
      kind: 'unauthorized',
      detail:
        'the clock of the name server (2026-11-21T11:00:00.000Z) is 3600 s behind that of this router, and TSIG allows ' +
        '300 s (BADTIME): set the clock of the server, such as by NTP',
    })
    const far = await tell({ verdict: 'bad-time', serverMs: 2 ** 48 * 1000 })
    expect(far.detail).toContain('(+275760-09-13T00:00:00.000Z)')
  })

  it.each([
    ['BADKEY', 'unauthorized', 'name and algorithm must be those of a key of the server'],
    ['BADSIG', 'unauthorized', 'another secret'],
    ['BADTIME', 'unauthorized', 'more than 300 s'],
    ['BADTRUNC', 'refused', 'knows TSIG'],
  ])('says %s, which is %s', async (error, kind, words) => {
    const message = { ...query('a', 'A'), rcode: 'NOTAUTH' }
    expect(await tell({ verdict: 'unsigned', message, error })).toEqual({
      kind,
      detail: expect.stringMatching(new RegExp(`^the name server answered ${error}.*${words}`)),
    })
  })

  it.each([
    ['NOTAUTH', 'unauthorized'],
    ['REFUSED', 'unauthorized'],
    ['SERVFAIL', 'unavailable'],
    ['NOERROR', 'garbled'],
    ['FORMERR', 'refused'],
    ['NOTIMP', 'refused'],
  ])('has no TSIG record and says %s, which is %s', async (rcode, kind) => {
    const message = { ...query('a', 'A'), rcode }
    expect(await tell({ verdict: 'unsigned', message, error: 'NOERROR' })).toEqual({
      kind,
      detail: expect.stringContaining(`${rcode} without a signature`),
    })
  })
})
