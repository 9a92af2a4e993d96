import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'

/** What a command asked of the admin API. */
export interface AdminAsked {
  readonly method: string
  readonly url: string
  readonly body: unknown
}

/** An admin API whose answers are prepared; commands find it in their environment. */
export interface AdminServer {
  readonly url: string
  /** What was asked in this test. */
  readonly asked: readonly AdminAsked[]
  /** Has the next questions answered by these, one each. */
  prepare(...bodies: readonly unknown[]): void
  refuseNext(status: number, body: unknown): void
  /** Has the next question answered so, without a body. */
  answerNext(status: number): void
}

/** Runs one for the tests of a file, at a moment that stands still. */
export function serveAdmin(nowMs: number): AdminServer {
  const asked: AdminAsked[] = []
  let answers: { readonly status: number; readonly body: unknown }[] = []
  let url = ''
  const server = createServer((request, response) => {
    void readText(request).then((sent) => {
      const { method = '', url: path = '' } = request
      asked.push({ method, url: path, body: sent === '' ? undefined : JSON.parse(sent) })
      const { status, body } = answers.shift() ?? { status: 500, body: 'no answer was prepared' }
      response.writeHead(status).end(JSON.stringify(body))
      return sent
    })
  })
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    vi.stubEnv('PORTOLAN_URL', url)
    vi.stubEnv('PORTOLAN_ADMIN_TOKEN', 'secret')
    vi.useFakeTimers({ now: nowMs, toFake: ['Date'] })
  })
  afterEach(() => {
    asked.length = 0
    answers = []
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    vi.useRealTimers()
    server.close()
  })
  return {
    get url() {
      return url
    },
    asked,
    prepare: (...bodies) => void answers.push(...bodies.map((body) => ({ status: 200, body }))),
    refuseNext: (status, body) => void answers.push({ status, body }),
    answerNext: (status) => void answers.push({ status, body: undefined }),
  }
}
