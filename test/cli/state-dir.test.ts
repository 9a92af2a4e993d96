import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStateDir } from '../../cli/state-dir.ts'
import type { StateDir } from '../../cli/state-dir.ts'
import { temporaryFolder } from './process.ts'

const folders = temporaryFolder()

function newFolder(): string {
  return mkdtempSync(join(folders, 'state-'))
}

function open(path: string): StateDir {
  const opened = openStateDir(path)
  if (!opened.ok) throw new Error(opened.error)
  return opened.state
}

describe('the state directory', () => {
  it('makes a token once, for nobody else to read', () => {
    const folder = join(newFolder(), 'a', 'b')
    const token = open(folder).readToken()
    expect(token).toMatch(/^[\w-]{32}$/)
    expect(open(folder).readToken()).toBe(token)
    expect(statSync(join(folder, 'token')).mode & 0o077).toBe(0)
  })

  it('remembers where the admin API of the configuration in force stands', () => {
    const folder = newFolder()
    expect(open(folder).readSeat()).toEqual({ prefix: '/_portolan' })
    open(folder).writeSeat({ prefix: '/ops', adminHost: 'admin.example.com' })
    expect(open(folder).readSeat()).toEqual({ prefix: '/ops', adminHost: 'admin.example.com' })
  })

  it('is not shared with a process that lives', () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'lock'), `${process.ppid}\n`)
    const opened = openStateDir(folder)
    expect(opened.ok ? '' : opened.error).toContain(`is in use by process ${process.ppid}`)
  })

  it.each(['', 'nonsense', '999999999'])('takes over from a lock that says %j', (holder) => {
    const folder = newFolder()
    writeFileSync(join(folder, 'lock'), holder)
    expect(openStateDir(folder).ok).toBe(true)
  })

  it('says what is in the way of making it', () => {
    const file = join(newFolder(), 'file')
    writeFileSync(file, '')
    const opened = openStateDir(join(file, 'below'))
    expect(opened.ok ? '' : opened.error).toMatch(
      /below cannot be used as a state directory: ENOTDIR/,
    )
  })
})
