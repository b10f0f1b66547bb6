/**
 * Gives the memory of a read from the network back as soon as its bytes were
 * copied. Node takes up to 64 KiB for each read and leaves them to the
 * collector, which is late: meanwhile the C allocator's memory grows by holes
 * that nothing else fits into.
 *
 * @since 0.1.0
 */
import { isMarkedAsUntransferable } from "node:worker_threads"

/** The most that the framing of a chunked body has behind its last byte. */
const framingBytes = "\r\n0\r\n\r\n".length

/** Smaller ones are not worth it; and what many share, as an empty one, is small. */
const leastBytes = 4096

/**
 * Frees what a piece of a body lies in, if that is a read of its own and the
 * piece is the end of it: all of it has been handed out then, in order. Does so
 * once whoever handed it out has ended, so that nobody still counts on it.
 *
 * Never for a piece at which the connection was paused: what comes behind it is
 * kept to be read again.
 *
 * @category calls
 * @since 0.1.0
 */
export const freeSoon = (piece: Buffer): void => {
  const { buffer, byteLength, byteOffset } = piece
  if (byteLength < leastBytes || buffer.byteLength - byteOffset - byteLength > framingBytes) return
  // What Node shares out itself is marked so.
  if (buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer)) process.nextTick(free, buffer)
}

const free = (buffer: ArrayBuffer): void => {
  if (!buffer.detached) buffer.transfer(0)
}
