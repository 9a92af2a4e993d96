import {
  CALL_URL,
  type CallError,
  type InputOf,
  type MethodsOf,
  Reply,
  type ResultOf,
} from './wire.ts'

/** What a call came to. Nothing that goes wrong with it is thrown. */
export type Called<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: CallError }

/** Calls the methods of one object by name. */
export interface Client<Methods extends MethodsOf<Methods>> {
  call<Name extends keyof Methods & string>(
    name: Name,
    input: InputOf<Methods[Name]>,
  ): Promise<Called<ResultOf<Methods[Name]>>>
}

/** Which object, and how to treat it. */
export interface ClientOptions<Methods> {
  readonly namespace: DurableObjectNamespace
  /** The name of the object in its namespace. */
  readonly object: string
  /** Where the object is placed by the first call that it ever gets. */
  readonly locationHint?: DurableObjectLocationHint
  /** The most that one call may take, a second try included. */
  readonly timeoutMs: number
  /** Methods that may safely run twice: tried once more when the platform says that it may help. */
  readonly idempotent: readonly (keyof Methods & string)[]
}

/** A client of one object. Holds no connection and no stub: a stub that threw stays broken. */
export function createClient<Methods extends MethodsOf<Methods>>(
  options: ClientOptions<Methods>,
): Client<Methods> {
  return {
    async call<Name extends keyof Methods & string>(name: Name, input: InputOf<Methods[Name]>) {
      const body = JSON.stringify(input)
      const tries = options.idempotent.includes(name) ? 2 : 1
      const reply = await withTimeout(options.timeoutMs, (signal) =>
        send(options, { name, body, tries, signal }),
      )
      // The other end is this same project: its method table is checked against `Methods`.
      return reply as Called<ResultOf<Methods[Name]>>
    },
  }
}

async function withTimeout(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Reply>,
): Promise<Reply> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | null = null
  const expired = new Promise<Reply>((resolve) => {
    timer = setTimeout(() => {
      resolve(failure('timeout', `no answer within ${timeoutMs} ms`))
      controller.abort()
    }, timeoutMs)
  })
  try {
    return await Promise.race([work(controller.signal), expired])
  } finally {
    clearTimeout(timer)
  }
}

interface Sending {
  readonly name: string
  readonly body: string
  readonly tries: number
  readonly signal: AbortSignal
}

async function send(
  target: Pick<ClientOptions<never>, 'namespace' | 'object' | 'locationHint'>,
  sending: Sending,
): Promise<Reply> {
  const { namespace, object, locationHint } = target
  try {
    const stub = namespace.get(namespace.idFromName(object), locationHint && { locationHint })
    const response = await stub.fetch(CALL_URL + sending.name, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: sending.body,
      signal: sending.signal,
    })
    const reply = Reply.safeParse(await response.json())
    if (!reply.success) return failure('failed', `status ${response.status} without a reply`)
    return reply.data
  } catch (error) {
    if (!isRetryable(error) || sending.tries <= 1 || sending.signal.aborted) return toFailure(error)
    return send(target, { ...sending, tries: sending.tries - 1 })
  }
}

/** The platform marks its own errors; one that is overloaded is never worth a second try. */
function isRetryable(error: unknown): boolean {
  return hasMark(error, 'retryable') && !hasMark(error, 'overloaded')
}

function hasMark(error: unknown, mark: 'retryable' | 'overloaded'): boolean {
  return error instanceof Error && Reflect.get(error, mark) === true
}

function toFailure(error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error)
  return failure(hasMark(error, 'overloaded') ? 'overloaded' : 'unavailable', message)
}

function failure(kind: CallError['kind'], message: string): Reply {
  return { ok: false, error: { kind, message } }
}
