import { type JsonSchema, type SchemaBook } from './openapi-schemas.ts'
import type { AnswerFacts, Operation } from './operation.ts'
import { type ProblemKind, statusOf } from './problem-details.ts'

/** The schemas that a description refers to. */
export interface Books {
  readonly sent: SchemaBook
  readonly told: SchemaBook
  /** A refusal. */
  readonly problem: object
}

/** An operation as an Operation Object of OpenAPI 3.1. */
export function describeOperation(operation: Operation, books: Books): object {
  const { id, summary, description, scope, body } = operation
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tagOf(operation)],
    security: scope === 'open' ? [] : [{ token: [scope] }],
    parameters: [...describeParts(operation, books.sent), ...describeHeaders(operation)],
    ...(body && {
      requestBody: {
        required: true,
        description: `At most ${body.mostBytes} bytes; comments and trailing commas are fine.`,
        content: { 'application/json': { schema: books.sent.refer(body.shown ?? body.schema) } },
      },
    }),
    responses: { ...describeAnswers(operation, books), ...describeRefusals(operation, books) },
  }
}

/** What stands behind the version: "config", "tokens". */
function tagOf({ path }: Operation): string {
  return path.replace(/^\/v1/, '').split('/')[1]?.replace('.json', '') ?? ''
}

function describeParts({ params, query }: Operation, sent: SchemaBook): object[] {
  const inPath = membersOf(sent.spell(params)).map(({ name, schema }) => {
    return { name, in: 'path', required: true, schema }
  })
  const inQuery = membersOf(sent.spell(query)).map(({ name, schema, required }) => {
    return { name, in: 'query', required, schema }
  })
  return [...inPath, ...inQuery]
}

function membersOf({ properties = {}, required = [] }: JsonSchema) {
  return Object.entries(properties).map(([name, schema]) => {
    return { name, schema, required: required.includes(name) }
  })
}

const IF_MATCH = toHeader('If-Match', 'Only if the current revision is this one: its entity tag.')
const IF_NONE_MATCH = toHeader('If-None-Match', '"*": only if there is no configuration yet.')
const IF_CHANGED = toHeader('If-None-Match', 'The entity tag of what the caller has: 304 if it holds.')
const IDEMPOTENCY_KEY = toHeader(
  'Idempotency-Key',
  'A name for this call, unique for its caller: a repetition within 24 h gets the answer of the first.',
)

function toHeader(name: string, description: string): object {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } }
}

function describeHeaders(operation: Operation): object[] {
  const { conditional } = operation
  return [
    ...(conditional === 'change' ? [IF_MATCH, IF_NONE_MATCH] : []),
    ...(conditional === 'read' ? [IF_CHANGED] : []),
    ...(takesKey(operation) ? [IDEMPOTENCY_KEY] : []),
  ]
}

/** Whether an operation can be named by an Idempotency-Key: every POST that asks who calls. */
export function takesKey({ method, scope }: Pick<Operation, 'method' | 'scope'>): boolean {
  return method === 'POST' && scope !== 'open'
}

function describeAnswers({ answers, conditional }: Operation, { sent, told }: Books): object {
  const tag = { ETag: { description: 'The revision.', schema: { type: 'string' } } }
  const described = Object.entries<AnswerFacts>(answers).map(([status, answer]) => {
    const { description, schema, io } = answer
    const book = io === 'input' ? sent : told
    const content = schema && { 'application/json': { schema: book.refer(schema) } }
    return [
      status,
      { description, ...(conditional && { headers: tag }), ...(content && { content }) },
    ] as const
  })
  const unchanged = { 304: { description: 'The caller has it already.' } }
  return { ...Object.fromEntries(described), ...(conditional === 'read' && unchanged) }
}

function describeRefusals(operation: Operation, { problem }: Books): object {
  const byStatus = new Map<number, ProblemKind[]>()
  for (const kind of new Set(refusalsOf(operation))) {
    byStatus.set(statusOf(kind), [...(byStatus.get(statusOf(kind)) ?? []), kind])
  }
  const described = [...byStatus].map(([status, kinds]) => {
    const schema = { allOf: [problem, { properties: { reason: { enum: kinds } } }] }
    const content = { 'application/problem+json': { schema } }
    return [status, { description: kinds.join(', '), content }] as const
  })
  return Object.fromEntries(described)
}

/** Every refusal that an operation may answer with: its own, and those that follow from what it takes. */
function refusalsOf(operation: Operation): ProblemKind[] {
  const { scope, params, body, conditional, refusals = [] } = operation
  return [
    'bad-request',
    ...(body ? (['invalid-syntax', body.problem] as const) : []),
    ...(scope === 'open' ? [] : GUARDED),
    ...(Object.keys(params.shape).length > 0 ? (['not-found'] as const) : []),
    ...(conditional === 'change' ? (['revision-mismatch'] as const) : []),
    ...(body ? (['too-large', 'unsupported-encoding'] as const) : []),
    ...(takesKey(operation) ? KEYED : []),
    ...refusals,
    'internal',
  ]
}

const GUARDED = [
  'unauthorized',
  'forbidden',
  'too-many-failures',
  'admin-off',
  'control-failed',
  'control-unavailable',
  'control-timeout',
] as const

const KEYED = ['key-in-use', 'key-reused', 'invalid-syntax', 'too-large'] as const
