/**
 * Reads bytes from front to back. Past its end, and after `fail`, it gives zeros and remembers what was wrong first:
 * so nothing is thrown, and whoever reads asks once, at the end, whether it went well.
 */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  at: number
  wrong: string | undefined

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = Math.min(end, bytes.length)
  }

  get isDone(): boolean {
    return this.wrong !== undefined || this.at >= this.end
  }

  fail(why: string): void {
    this.wrong ??= why
  }

  /** The next octets, as they lie in the message; none when there are fewer. */
  take(length: number): Uint8Array {
    if (this.wrong !== undefined || this.at + length > this.end) {
      this.fail('it ends in the middle')
      return new Uint8Array()
    }
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  rest(): Uint8Array {
    return this.take(Math.max(0, this.end - this.at))
  }

  u8(): number {
    return this.take(1)[0] ?? 0
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8()
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16()
  }
}
