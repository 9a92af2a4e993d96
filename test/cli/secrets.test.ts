import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSecrets } from '../../cli/secrets.ts'
import { temporaryFolder, write } from './process.ts'

const folder = temporaryFolder()

describe('secrets of a local router', () => {
  it('are read as wrangler reads .dev.vars', () => {
    const file = write(
      folder,
      'vars',
      '# For probes.\nPROBE_TOKEN=abc\nSLACK_URL="https://a.b/c=d"\n',
    )
    const secrets = { PROBE_TOKEN: 'abc', SLACK_URL: 'https://a.b/c=d' }
    expect(readSecrets(file)).toEqual({ ok: true, secrets })
  })

  it('are none where there is no file', () => {
    expect(readSecrets(join(folder, 'absent'))).toEqual({ ok: true, secrets: {} })
  })

  it('have the names of bindings, and an error tells no value', () => {
    const file = write(folder, 'wrong', 'PORTOLAN_LOCAL=secret1\nprobe=secret2\n')
    const read = readSecrets(file)
    expect(read).toEqual({
      ok: false,
      errors: [
        expect.stringContaining('"PORTOLAN_LOCAL": names that start with PORTOLAN_'),
        expect.stringContaining('"probe": a secret is named as its binding is'),
      ],
    })
    expect(JSON.stringify(read)).not.toMatch(/secret[12]/)
  })
})
