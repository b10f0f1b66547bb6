/**
 * Memory for bodies of answers, used again and again. Fresh memory for each
 * answer is freed when the collector comes by, which is late, and leaves holes
 * in the C allocator's memory that nothing else fits into.
 *
 * @since 0.1.0
 */

/**
 * What bodies come in by.
 *
 * @category constants
 * @since 0.1.0
 */
export const pieceBytes = 16 * 1024

/** Pieces are cut from slabs: single ones would lie scattered in the C allocator's memory, each with a hole beside it. */
const slabBytes = 2 ** 20

/** Slabs that are kept for good: as much as usually comes in at once. Pieces beyond that are made one by one and freed at once. */
const maxSlabs = 8

/** A whole body of up to so many bytes lies in a buffer that is kept. */
const largestKept = 8 * 2 ** 20
/** Larger than most bodies: a buffer that grew with them would leave what it was before as holes. */
const smallest = 2 * 2 ** 20

/** Whose buffer a body lies in. */
const owners = new WeakMap<object, readonly [pool: BodyPool, buffer: Buffer]>()

/**
 * Keeps the pieces that bodies come in by, and one buffer in which they are
 * put together to be decoded, the largest so far: bodies are decoded one after the other.
 *
 * @category models
 * @since 0.1.0
 */
export class BodyPool {
  readonly #pieces: Array<Buffer> = []
  #slabs = 0
  #spare: Buffer | undefined

  /** A piece. What is in it is somebody's old answer. */
  piece(): Buffer {
    if (this.#pieces.length === 0 && this.#slabs < maxSlabs) {
      this.#slabs++
      const slab = Buffer.allocUnsafeSlow(slabBytes)
      for (let at = 0; at < slabBytes; at += pieceBytes) this.#pieces.push(slab.subarray(at, at + pieceBytes))
    }
    return this.#pieces.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
  }

  /** Nobody reads or writes these pieces any more. */
  giveBack(pieces: ReadonlyArray<Buffer>): void {
    for (const piece of pieces) {
      if (piece.buffer.byteLength === slabBytes) this.#pieces.push(piece)
      else free(piece)
    }
  }

  /** The first bytes of some pieces as one body, which `release` gives back; the pieces are given back here. */
  whole(pieces: ReadonlyArray<Buffer>, bytes: number): Buffer {
    // Errors, most of all, which are not given back.
    const isSmall = bytes <= pieceBytes
    const buffer = isSmall ? Buffer.allocUnsafeSlow(bytes) : this.#take(bytes)
    for (let at = 0; at < bytes; at += pieceBytes) pieces[at / pieceBytes]!.copy(buffer, at, 0, Math.min(pieceBytes, bytes - at))
    this.giveBack(pieces)
    const body = buffer.subarray(0, bytes)
    if (!isSmall) owners.set(body, [this, buffer])
    return body
  }

  #take(bytes: number): Buffer {
    const spare = this.#spare
    if (spare !== undefined && spare.length >= bytes) {
      this.#spare = undefined
      return spare
    }
    if (bytes > largestKept) return Buffer.allocUnsafeSlow(bytes)
    let size = smallest
    while (size < bytes) size *= 2
    return Buffer.allocUnsafeSlow(size)
  }

  /** @internal */
  keep(buffer: Buffer): void {
    const spare = this.#spare
    if (buffer.length > largestKept || buffer.length <= (spare?.length ?? 0)) return free(buffer)
    this.#spare = buffer
    if (spare !== undefined) free(spare)
  }
}

/** Left to the collector it would lie there until that comes by. */
const free = ({ buffer }: Buffer): void => {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/**
 * Gives a body's buffer back once the answer is decoded: nothing may refer to
 * the body any more. Does nothing for what is no pool's, or was given back, or
 * where the output is bytes: those are the body's own.
 *
 * @category calls
 * @since 0.1.0
 */
export const release = (body: unknown, output?: unknown): void => {
  if (typeof body !== "object" || body === null || holdsBytes(output)) return
  const owner = owners.get(body)
  if (owner === undefined) return
  owners.delete(body)
  owner[0].keep(owner[1])
}

/** Operations that answer with a document (`GetObject`, `Invoke`) have it as a member of the output. */
const holdsBytes = (output: unknown): boolean =>
  typeof output === "object" && output !== null &&
  Object.values(output).some((member) => typeof member === "object" && member !== null && (ArrayBuffer.isView(member) || "pipe" in member))
