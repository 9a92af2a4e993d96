import * as z from 'zod'
import type { Scope } from '../schema/token.ts'
import type { Expectation } from '../state/revision/expectation.ts'
import { readExpectation } from './precondition.ts'
import { type ProblemKind, refuse } from './problem-details.ts'
import { type Parsed, parsePart, parseQuery } from './query.ts'
import type { AdminDeps } from './resource.ts'
import type { Caller } from './scope.ts'

/** An answer as the API's description tells it. No schema: no body. */
export interface AnswerFacts {
  readonly description: string
  readonly schema?: z.ZodType
  /** `input`: the answer has the form in which it was sent, defaults left out. */
  readonly io?: 'input' | 'output'
}

/** The body that an operation takes. */
export interface BodyFacts<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  readonly mostBytes: number
  /** Whether it may be left out; the schema says what that means. */
  readonly isOptional?: true
  /** The refusal of a body that has not this shape. */
  readonly problem: ProblemKind
  /** What the API's description shows, where something behind the operation checks the body. */
  readonly shown?: z.ZodType
}

/** What is said of an operation, in one place for routing, authorisation and the description of the API. */
export interface OperationFacts {
  /** A camel-case verb and noun: "setWeights". */
  readonly id: string
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below the prefix, with parameters in braces: "/v1/routes/{id}/weights". */
  readonly path: string
  /** What a caller has to have; "open": no token at all. */
  readonly scope: Scope | 'open'
  /** One line. */
  readonly summary: string
  readonly description?: string
  /**
   * Conditional headers (RFC 9110 §13). `change`: `If-Match` and `If-None-Match: *` come to the handler as
   * `expect`. `read`: it answers with an entity tag, and 304 to who has it.
   */
  readonly conditional?: 'change' | 'read'
  /** Its answers by status, those of success. */
  readonly answers: Readonly<Record<number, AnswerFacts>>
  /** Members of its answer that are shown once, and are not kept for a call that is repeated by its key. */
  readonly secrets?: readonly string[]
  /** Its refusals, beside those that follow from the fields above. */
  readonly refusals?: readonly ProblemKind[]
}

/** One call of an operation, every part of it in its right shape. */
export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** What a conditional change asks of the current revision. */
  readonly expect: Expectation | undefined
  readonly caller: Caller
  readonly deps: AdminDeps
  /** For headers alone: its body is read. */
  readonly request: Request
}

const NoParts = z.strictObject({})
type NoParts = typeof NoParts

/** An operation as its author writes it. Without `params` or `query` it takes none. */
export interface OperationSpec<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
> extends OperationFacts {
  /** Of the path, each from its text. One of another shape names nothing that exists: 404. */
  readonly params?: Params
  /** Each from its text: `z.coerce`, or a transformation. */
  readonly query?: Query
  readonly body?: BodyFacts<Body>
  readonly handle: (
    call: Call<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Response | Promise<Response>
}

/** The parts of a request before they are looked at. */
export interface RawParts {
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
  readonly request: Request
}

/** What a handler is given beside the parts. */
export type CallContext = Pick<Call<never, never, never>, 'caller' | 'deps'>

/** An operation whose parts are ready: runs its handler. */
export type Prepared = (context: CallContext) => Promise<Response>

/** An operation as data, whatever its parts are. */
export interface Operation extends OperationFacts {
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly body: BodyFacts | undefined
  /** Parses all parts of a request; nothing runs before they are right. */
  prepare(raw: RawParts): Parsed<Prepared>
}

/** Makes an operation of what its author wrote. */
export function operation<
  Params extends z.ZodObject = NoParts,
  Query extends z.ZodObject = NoParts,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: OperationSpec<Params, Query, Body>): Operation {
  const { params = NoParts, query = NoParts, body, handle: _, ...facts } = spec
  return { ...facts, params, query, body, prepare: (raw) => prepare(spec, raw) }
}

function prepare<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>(
  spec: OperationSpec<Params, Query, Body>,
  { request, ...raw }: RawParts,
): Parsed<Prepared> {
  const params = (spec.params ?? NoParts).safeParse(raw.params)
  if (!params.success) return { ok: false, refusal: refuseParams(raw.params) }
  const query = parseQuery(request, spec.query ?? NoParts)
  if (!query.ok) return query
  const expectation = spec.conditional === 'change' ? readExpectation(request) : UNCONDITIONAL
  if (!expectation.ok) return expectation
  const body = parseBody(spec.body, raw.body)
  if (!body.ok) return body
  const parts = { params: params.data, query: query.value, body: body.value }
  // Each part was parsed by the schema that the handler's type was inferred from, or by its default.
  const typed = parts as Pick<
    Call<z.output<Params>, z.output<Query>, z.output<Body>>,
    keyof typeof parts
  >
  const { expect } = expectation
  const run: Prepared = async (context) => spec.handle({ ...context, ...typed, expect, request })
  return { ok: true, value: run }
}

const UNCONDITIONAL = { ok: true, expect: undefined } as const

function parseBody(facts: BodyFacts | undefined, body: unknown): Parsed<unknown> {
  return facts === undefined
    ? { ok: true, value: undefined }
    : parsePart(facts.schema, body, facts.problem)
}

function refuseParams(params: Readonly<Record<string, string>>): Response {
  const names = Object.entries(params).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  return refuse('not-found', `there is nothing by ${names.join(' and ')}`)
}
