import { describe, expect, it } from 'vitest'
import { createClient } from '../../durable/client.ts'

interface Echo {
  read(input: { readonly text: string }): { readonly text: string }
  write(input: { readonly text: string }): { readonly text: string }
}

/** A namespace whose objects answer as told, one answer for each stub. */
function namespaceOf(...answers: (() => Promise<Response>)[]) {
  const bodies: string[] = []
  let stubs = 0
  const get = () => {
    const answer = answers[stubs]
    stubs += 1
    return {
      async fetch(_url: string, { body }: { body: string }) {
        bodies.push(body)
        if (answer === undefined) throw new Error('a stub too many')
        return answer()
      },
    }
  }
  const namespace = { idFromName: (name: string) => name, get } as unknown as DurableObjectNamespace
  return { namespace, bodies, count: () => stubs }
}

const answers = (value: unknown) => async () => Response.json({ ok: true, value })
const throws = (marks: object) => async () => {
  throw Object.assign(new Error('it broke'), marks)
}

/** An answer whose head comes and whose body never does. */
const trickle = async () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))

function clientOf(namespace: DurableObjectNamespace, timeoutMs = 1000) {
  return createClient<Echo>({ namespace, object: 'echo', timeoutMs, idempotent: ['read'] })
}

describe('a call', () => {
  it('comes back with what the method gave', async () => {
    const { namespace, bodies } = namespaceOf(answers({ text: 'ä' }))
    const called = await clientOf(namespace).call('read', { text: 'ü' })
    expect(called).toEqual({ ok: true, value: { text: 'ä' } })
    expect(bodies).toEqual(['{"text":"ü"}'])
  })

  it('that broke on the way is tried once more, on a new stub, where that is safe', async () => {
    const { namespace, count } = namespaceOf(throws({ retryable: true }), answers({ text: 'b' }))
    const called = await clientOf(namespace).call('read', { text: 'a' })
    expect(called).toEqual({ ok: true, value: { text: 'b' } })
    expect(count()).toBe(2)
  })

  it('is not tried a third time', async () => {
    const broken = throws({ retryable: true })
    const { namespace, count } = namespaceOf(broken, broken, answers({}))
    const called = await clientOf(namespace).call('read', { text: 'a' })
    expect(called).toEqual({ ok: false, error: { kind: 'unavailable', message: 'it broke' } })
    expect(count()).toBe(2)
  })

  it('is not repeated where it could happen twice', async () => {
    const { namespace, count } = namespaceOf(throws({ retryable: true }), answers({}))
    const called = await clientOf(namespace).call('write', { text: 'a' })
    expect(called).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
    expect(count()).toBe(1)
  })

  it('is not repeated when the platform does not say that it may help', async () => {
    const { namespace, count } = namespaceOf(throws({}), answers({}))
    expect(await clientOf(namespace).call('read', { text: 'a' })).toMatchObject({ ok: false })
    expect(count()).toBe(1)
  })

  it('to an overloaded object is never repeated', async () => {
    const overloaded = throws({ retryable: true, overloaded: true })
    const { namespace, count } = namespaceOf(overloaded, answers({}))
    const called = await clientOf(namespace).call('read', { text: 'a' })
    expect(called).toEqual({ ok: false, error: { kind: 'overloaded', message: 'it broke' } })
    expect(count()).toBe(1)
  })

  it('that takes too long is given up', async () => {
    const { namespace } = namespaceOf(() => new Promise(() => {}))
    const called = await clientOf(namespace, 10).call('read', { text: 'a' })
    expect(called).toEqual({
      ok: false,
      error: { kind: 'timeout', message: 'no answer within 10 ms' },
    })
  })

  it('whose answer trickles is given up too', async () => {
    const { namespace } = namespaceOf(trickle)
    const called = await clientOf(namespace, 10).call('read', { text: 'a' })
    expect(called).toMatchObject({ error: { kind: 'timeout' } })
  })

  it('that meets something else than an object of ours has failed', async () => {
    const { namespace } = namespaceOf(async () => Response.json({ error: 'old' }, { status: 500 }))
    const called = await clientOf(namespace).call('read', { text: 'a' })
    expect(called).toMatchObject({ ok: false, error: { kind: 'failed' } })
    const { namespace: html } = namespaceOf(async () => new Response('<html>'))
    expect(await clientOf(html).call('read', { text: 'a' })).toMatchObject({ ok: false })
  })
})
