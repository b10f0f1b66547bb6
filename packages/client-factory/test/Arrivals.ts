/** Judges when calls came to AWS by when they were let through. */

/** Milliseconds that all processes of a machine count alike. */
export const wallMs = (): number => performance.timeOrigin + performance.now()

/**
 * How much later than they were let through calls came, at most. Calls may
 * overtake each other; the k-th that comes is still no later than this after
 * the k-th that was let through.
 */
export const longestDelay = (admitted: ReadonlyArray<number>, arrived: ReadonlyArray<number>): number => {
  const sent = admitted.toSorted((a, b) => a - b)
  return Math.max(0, ...arrived.toSorted((a, b) => a - b).map((at, index) => at - sent[index]!))
}

/**
 * By how many calls the busiest window goes beyond `capacity + rate × t`, the
 * rate in calls per second. What comes within a window was let through within
 * one that is longer by the longest delay.
 */
export const excess = (
  times: ReadonlyArray<number>,
  limit: { readonly capacity: number; readonly rate: number },
  delayMs = 0
): number => {
  const sorted = times.toSorted((a, b) => a - b)
  let worst = Number.NEGATIVE_INFINITY
  sorted.forEach((to, last) =>
    sorted.slice(0, last + 1).forEach((from, first) => {
      worst = Math.max(worst, last - first + 1 - (limit.capacity + (limit.rate * (to - from + delayMs)) / 1000))
    })
  )
  return worst
}
