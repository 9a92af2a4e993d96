import { describe, expect, it } from 'vitest'
import { change, ours, startStage } from '../../support/route53/stage.ts'

const WWW = { name: 'www.example.com', type: 'A' } as const
const COMPANION = { name: '_portolan-a.www.example.com', type: 'TXT', ttl: 60 } as const
const TEXT = '"heritage=portolan,owner=portolan,record=www"'

describe('a TXT in the place of a mark at Route 53', () => {
  it('that is none is somebody else’s, and nothing is made beside it', async () => {
    const { zone, account, hosted } = await startStage()
    account.plant(hosted, { ...COMPANION, values: ['"theirs"'] })
    const before = hosted.sets
    const detail = expect.stringContaining('is no mark') as string
    expect(await zone.apply([change(undefined, ours())])).toEqual([{ outcome: 'conflict', detail }])
    expect(hosted.sets).toBe(before)
  })

  it('that says more than one thing marks nothing', async () => {
    const { zone, account, hosted } = await startStage()
    const { mark: _, ...unmarked } = ours()
    account.plant(hosted, unmarked, { ...COMPANION, values: [TEXT, '"z"'] })
    const before = hosted.sets
    expect(await zone.read([WWW])).toEqual({ ok: true, value: [unmarked] })
    expect(await zone.apply([change(ours(), ours({ ttl: 30 }))])).toMatchObject([
      { outcome: 'conflict' },
    ])
    expect(hosted.sets).toBe(before)
  })
})
