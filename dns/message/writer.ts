/** Writes bytes from front to back, and remembers what could not be written first; nothing is thrown. */
export class ByteWriter {
  readonly bytes: number[] = []
  wrong: string | undefined

  fail(why: string): void {
    this.wrong ??= why
  }

  put(bytes: Iterable<number>): void {
    for (const byte of bytes) this.bytes.push(byte)
  }

  u8(value: number): void {
    this.#whole(value, 1)
  }

  u16(value: number): void {
    this.#whole(value, 2)
  }

  u32(value: number): void {
    this.#whole(value, 4)
  }

  /** 48 bits: moments of TSIG, in seconds. */
  u48(value: number): void {
    this.#whole(value, 6)
  }

  /** What `write` writes, behind its length in two octets. */
  measured(write: (inner: ByteWriter) => void): void {
    const inner = new ByteWriter()
    write(inner)
    if (inner.wrong !== undefined) this.fail(inner.wrong)
    this.u16(inner.bytes.length)
    this.put(inner.bytes)
  }

  #whole(value: number, octets: number): void {
    const isOne = Number.isInteger(value) && value >= 0 && value < 2 ** (8 * octets)
    if (!isOne) this.fail(`${value} does not fit into ${octets} octets`)
    for (let at = octets - 1; at >= 0; at -= 1) {
      this.bytes.push(isOne ? Math.floor(value / 2 ** (8 * at)) % 0x100 : 0)
    }
  }
}
