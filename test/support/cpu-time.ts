/** How many ms of CPU a piece of work takes in Node: a machine that pauses, or has other things to do, takes none. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
