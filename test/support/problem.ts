import { expect } from 'vitest'
import { type Received, header } from './client.ts'

/** The body of a refusal (RFC 9457), as every refusal has it. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly reason: string
  /** Of too many requests, the policies that stand against it. */
  readonly 'violated-policies'?: readonly string[]
}

/** Takes an answer for a refusal, checks what all of them have in common, and gives its body. */
export function problemOf(received: Received): Problem {
  expect(header(received, 'content-type')).toBe('application/problem+json')
  expect(header(received, 'cache-control')).toBe('no-store')
  const problem = JSON.parse(received.text) as Problem
  expect(problem).toEqual({
    type: `urn:portolan:problem:${problem.reason}`,
    title: expect.any(String),
    status: received.status,
    detail: expect.any(String),
    instance: header(received, 'x-request-id'),
    reason: expect.any(String),
    ...(problem.reason === 'rate-limited' && { 'violated-policies': expect.any(Array) }),
  })
  expect(problem.instance).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
  return problem
}
