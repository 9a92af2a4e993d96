/**
 * A body, compressed while it passes. Once for all who get it from the cache, so that what it takes does not count; a
 * stream, since it may be of any length.
 */
export function toGzip(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return body.pipeThrough(new CompressionStream('gzip'))
}
