import { expect, it } from 'vitest'
import { split } from '../../../src/cache/split.ts'
import { bytesOf, readAll, streamOf } from './kept.ts'

it('hands a small body on, and has it whole beside that', async () => {
  const body = bytesOf(1000)
  const { client, whole } = split(streamOf([body.slice(0, 300), body.slice(300)]), 1000)
  expect(await readAll(client)).toEqual(body)
  expect(await whole).toEqual(body)
})

it('has it although the client leaves, or reads nothing', async () => {
  const left = split(streamOf([bytesOf(1000)]), 1000)
  await left.client.cancel()
  expect((await left.whole)?.byteLength).toBe(1000)
  const silent = split(streamOf([bytesOf(1000)]), 1000)
  expect((await silent.whole)?.byteLength).toBe(1000)
  await silent.client.cancel()
})

it.each([999, 1001])('has nothing where the body is not as long as it said: %s', async (length) => {
  const { client, whole } = split(streamOf([bytesOf(1000)]), length)
  await readAll(client)
  expect(await whole).toBeUndefined()
})

it('has nothing where the body breaks off, which the client sees', async () => {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const { client, whole } = split(readable, 1000)
  const seen = readAll(client).catch((error: unknown) => String(error))
  await writer.write(new Uint8Array(300))
  await writer.abort(new Error('broken off'))
  expect(await whole).toBeUndefined()
  expect(await seen).toContain('broken off')
})
