const MINUTE_MS = 60_000

/** Timers may fire a little early: what is left of the old minute then is not a minute of its own. */
const EARLY_MS = 500

/** Runs `fire` at every full minute, as the platform does for `* * * * *`. Returns what stops it. */
export function everyMinute(fire: () => void): () => void {
  let timer: NodeJS.Timeout
  const arm = () => {
    const leftMs = MINUTE_MS - (Date.now() % MINUTE_MS)
    timer = setTimeout(
      () => {
        arm()
        fire()
      },
      leftMs < EARLY_MS ? leftMs + MINUTE_MS : leftMs,
    )
  }
  arm()
  return () => clearTimeout(timer)
}
