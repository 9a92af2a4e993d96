import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replyRaw } from '../support/raw-scripts.ts'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

// What the runtime does with HTTP by itself, for good or ill. These tests hold it to what the documentation says of it:
// one that fails after a change of version is news, not a mistake.

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
    pools: mainPool(url),
    routes: {
      moved: { match: { path: '/moved' }, redirect: { path: '/new' } },
      rest: { steer: TO_MAIN },
    },
  }))
})
afterAll(() => rig.stop())

describe('the platform', () => {
  test('accepts lines that end in LF alone, and writes them with CRLF [RFC 9112 §2.2]', async () => {
    const got = await rig.exchange('GET / HTTP/1.1\nHost: www.example.com\nX-A: 1\n\n')
    expect([got.status, got.sent('x-a'), got.arrived[0]?.head.match(/(?<!\r)\n/g)]).toEqual([
      200,
      ['1'],
      null,
    ])
  })

  test('passes a request that is gzipped as a transfer coding as if it were only chunked [RFC 9112 §6.1]', async () => {
    const got = await rig.exchange(
      request('POST /', ['Transfer-Encoding: gzip, chunked'], '5\r\nhello\r\n0\r\n\r\n'),
    )
    expect([got.sent('transfer-encoding'), got.arrived[0]?.body.toString()]).toEqual([
      ['chunked'],
      'hello',
    ])
  })

  test('adds no Date, neither to answers without one nor to those of the router [RFC 9110 §6.6.1]', async () => {
    const passed = await rig.exchange(request('GET /'))
    const own = await rig.exchange(request('GET /moved'))
    expect([passed.values('date'), own.values('date')]).toEqual([[], []])
  })

  test('writes known fields in their usual spelling and others as they came [RFC 9110 §5.1]', async () => {
    rig.origin.play(
      replyRaw('HTTP/1.1 200 OK\r\netag: "x"\r\nX-ODD-name: 1\r\ncontent-length: 2\r\n\r\nok'),
    )
    const got = await rig.exchange(request('GET /', ['USER-AGENT: x', 'x-odd-NAME: 1']))
    const lines = [...(got.arrived[0]?.head ?? '').split('\r\n'), ...got.head.split('\r\n')]
    expect(lines).toEqual(
      expect.arrayContaining([
        'User-Agent: x',
        'x-odd-NAME: 1',
        'ETag: "x"',
        'X-ODD-name: 1',
        'Content-Length: 2',
      ]),
    )
  })

  test('sends no 100 where the answer needs no body, and ends the connection [RFC 9110 §10.1.1]', async () => {
    const got = await rig.exchange(
      request('POST /moved', ['Expect: 100-continue', 'Content-Length: 5']),
    )
    expect([got.status, got.values('connection')]).toEqual([302, ['close']])
  })

  test('says in CF-Worker which Worker sent a request, whatever the client says [RFC 9110 §7.6.3]', async () => {
    const got = await rig.exchange(request('GET /', ['CF-Worker: forged']))
    expect(got.sent('cf-worker')).toEqual([expect.not.stringContaining('forged')])
  })
})
