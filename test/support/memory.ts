import { readdirSync, readFileSync } from 'node:fs'

/** The resident memory of the runtimes that this process has started, in MiB. Linux only: read from /proc. */
export function runtimeMemoryMib(): number {
  let kib = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const status = readStatus(pid)
    const isOurs =
      status.includes(`\nPPid:\t${process.pid}\n`) && status.startsWith('Name:\tworkerd')
    if (isOurs) kib += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  }
  return kib / 1024
}

function readStatus(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    // It ended between the listing and the reading.
    return ''
  }
}
