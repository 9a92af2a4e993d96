/** Up to so many bytes a tier gives out a body from memory, and a larger one as a stream. */
export const SMALL_BYTES = 131_072
