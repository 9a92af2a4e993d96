import { expect, it } from 'vitest'
import { toDevice } from '../../../src/cache/policy/device.ts'
import { cpuMsOf } from '../../support/cpu-time.ts'

it.each([
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1', 'mobile'],
  ['Mozilla/5.0 (Linux; Android 10; K) Chrome/130.0.0.0 Mobile Safari/537.36', 'mobile'],
  ['Opera/9.80 (J2ME/MIDP; Opera Mini/7.1) Presto/2.8', 'mobile'],
  ['Mozilla/5.0 (Linux; Android 10; K) Chrome/130.0.0.0 Safari/537.36', 'tablet'],
  ['Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E148', 'tablet'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'desktop'],
  ['curl/8.5.0', 'desktop'],
  ['', 'desktop'],
  [undefined, 'desktop'],
] as const)('%s is a %s', (userAgent, device) => {
  expect(toDevice(userAgent)).toBe(device)
})

it('takes no longer for a name that was made to take long', () => {
  const took = cpuMsOf(() => {
    for (let at = 0; at < 100; at += 1) toDevice('android'.repeat(20_000))
  })
  expect(took).toBeLessThan(200)
})
