import type { JsonSchema, SchemaBook } from './openapi-schemas.ts'
import type { AnswerFacts, Operation } from './operation.ts'
import { type ProblemKind, statusOf, titleOf } from './problem-details.ts'

/** The schemas that a description refers to. */
export interface Books {
  readonly sent: SchemaBook
  readonly told: SchemaBook
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
    responses: { ...describeAnswers(operation, books), ...referRefusals(operation) },
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

/** The headers that operations take, under the names by which they refer to them. */
export const HEADERS = {
  ifMatch: toHeader('If-Match', 'Only if the current revision is this one: its entity tag.'),
  ifNone: toHeader('If-None-Match', '"*": only if there is no configuration yet.'),
  ifChanged: toHeader('If-None-Match', 'The entity tag of what the caller has: 304 if it holds.'),
  idempotencyKey: toHeader(
    'Idempotency-Key',
    "A name for this call, its caller's own: a repetition within 24 h gets the answer of the first.",
  ),
} as const

function toHeader(name: string, description: string): object {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } }
}

function describeHeaders(operation: Operation): object[] {
  const { conditional } = operation
  const names: (keyof typeof HEADERS)[] = [
    ...(conditional === 'change' ? (['ifMatch', 'ifNone'] as const) : []),
    ...(conditional === 'read' ? (['ifChanged'] as const) : []),
    ...(takesKey(operation) ? (['idempotencyKey'] as const) : []),
  ]
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
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

function referRefusals(operation: Operation): object {
  const names = groupRefusals(operation).map(
    ({ status, name }) => [status, { $ref: `#/components/responses/${name}` }] as const,
  )
  return Object.fromEntries(names)
}

/** The refusals of operations, each group of one status once, under the names by which they are referred to. */
export function describeRefusals(operations: readonly Operation[], problem: object): object {
  const described = operations.flatMap(groupRefusals).map(({ name, kinds }) => {
    const schema = { allOf: [problem, { properties: { reason: { enum: kinds } } }] }
    const content = { 'application/problem+json': { schema } }
    return [name, { description: kinds.map(titleOf).join('. '), content }] as const
  })
  return Object.fromEntries(described)
}

interface RefusalGroup {
  readonly status: number
  readonly name: string
  readonly kinds: readonly ProblemKind[]
}

function groupRefusals(operation: Operation): RefusalGroup[] {
  const byStatus = new Map<number, ProblemKind[]>()
  for (const kind of new Set(refusalsOf(operation))) {
    byStatus.set(statusOf(kind), [...(byStatus.get(statusOf(kind)) ?? []), kind])
  }
  return [...byStatus].map(([status, kinds]) => {
    const sorted = kinds.toSorted()
    return { status, name: sorted.join('.'), kinds: sorted }
  })
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

const KEYED = ['key-in-use', 'key-reused'] as const
