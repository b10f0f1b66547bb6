/**
 * One buffer that all connections read into. Node makes a fresh one of 64 KiB
 * for each read, which is freed when the collector comes by: while large
 * answers come in, a hundred megabytes of them.
 *
 * @since 0.1.0
 */
import type { OnReadOpts, Socket } from "node:net"

/** What one read takes at most. */
const bufferBytes = 64 * 1024

/** A connection that hands on what was just read, in place. */
interface InPlace {
  readonly read: Socket["read"]
  readonly unshift: Socket["unshift"]
  /** What lies in the shared buffer for this connection. */
  bytes: Buffer | undefined
}

/**
 * How a connection reads, as `connect` of undici and Node take it. Whoever
 * listens to `readable` and reads at once, as undici does, is given the shared
 * buffer itself: what is not copied by then is overwritten. What is not read at
 * once, because the reader is paused, is copied and waits as usual.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sharedRead = (): OnReadOpts => {
  const known = new WeakMap<Socket, InPlace>()
  return {
    buffer: Buffer.allocUnsafeSlow(bufferBytes),
    // Node calls it on the socket.
    callback(this: unknown, length: number, buffer: Uint8Array): boolean {
      const socket = this as Socket
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length)
      // What came before must be read before.
      if (socket.readableLength > 0) return socket.push(Buffer.from(bytes))
      const inPlace = known.get(socket) ?? adopt(socket, known)
      inPlace.bytes = bytes
      socket.emit("readable")
      if (inPlace.bytes === undefined) return true
      inPlace.bytes = undefined
      return socket.push(Buffer.from(bytes))
    }
  }
}

const adopt = (socket: Socket, known: WeakMap<Socket, InPlace>): InPlace => {
  const inPlace: InPlace = { read: socket.read, unshift: socket.unshift, bytes: undefined }
  known.set(socket, inPlace)
  socket.read = (size) => {
    const { bytes } = inPlace
    if (bytes === undefined || size !== undefined) return inPlace.read.call(socket, size) as unknown
    inPlace.bytes = undefined
    return bytes
  }
  // The rest of what was read in place, given back by a reader that pauses.
  socket.unshift = (chunk: Uint8Array, encoding?: BufferEncoding) => inPlace.unshift.call(socket, Buffer.from(chunk), encoding)
  return inPlace
}
