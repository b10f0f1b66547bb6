/**
 * How many listed items may be in memory at once, on their way from AWS to
 * whoever takes them: hundreds of cells list at the same time, and each would
 * hold pages of up to a thousand.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * Pages of a thousand resources with their tags take about 2 MiB each. So many are a quarter of a second's computing:
 * more on their way would only wait.
 */
const maxItems = 6_000

/** So many items of a page do not count: small pages never have to wait for large ones. */
const freeItems = 100

/**
 * A page from before it is asked for until it was taken.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page {
  /** Says how many items there are, when they are there. */
  readonly holds: (items: number) => void
  /** The page was taken; more than once is once. */
  readonly release: () => void
}

/**
 * The pages of one piece of work.
 *
 * `admit` waits until there is room, but never while this work holds a page
 * already: it could be what that page waits for. `tryAdmit` never waits, and
 * answers only while there is plenty of room.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pages {
  readonly admit: (operation: string) => Effect.Effect<Page>
  readonly tryAdmit: (operation: string) => Page | undefined
  /** The work is over: nothing of it is in memory any more. */
  readonly close: Effect.Effect<void>
}

/**
 * A budget of items. A page is admitted while anything is left, so that even
 * one larger than the whole budget is; who waits is admitted in turn.
 *
 * @category models
 * @since 0.1.0
 */
export class PageBudget {
  #left: number
  readonly #plenty: number
  readonly #waiting = new Set<() => void>()
  /** How many items the pages of each operation have had lately, on average. */
  readonly #sizes = new Map<string, number>()

  constructor(items: number = maxItems) {
    this.#left = items
    this.#plenty = items * 0.75
  }

  /** Pages for one more piece of work. */
  pages(): Pages {
    const held = new Set<Page>()
    const open = (operation: string): Page => {
      // Before the first page of an operation was seen it is taken for a small one.
      let size = counted(this.#sizes.get(operation) ?? 0)
      this.#left -= size
      const page: Page = {
        holds: (items) => {
          const usual = this.#sizes.get(operation)
          this.#sizes.set(operation, usual === undefined ? items : usual + (items - usual) / 4)
          if (!held.has(page)) return
          this.#left += size - counted(items)
          size = counted(items)
          this.#wake()
        },
        release: () => {
          if (!held.delete(page)) return
          this.#left += size
          this.#wake()
        }
      }
      held.add(page)
      return page
    }
    const admit = (operation: string): Effect.Effect<Page> =>
      Effect.suspend(() =>
        held.size > 0 || this.#fits(operation)
          ? Effect.succeed(open(operation))
          : Effect.callback<Page>((resume) => {
            const enter = () => resume(Effect.succeed(open(operation)))
            this.#waiting.add(enter)
            return Effect.sync(() => this.#waiting.delete(enter))
          })
      )
    return {
      admit,
      tryAdmit: (operation) => this.#left > this.#plenty ? open(operation) : undefined,
      close: Effect.sync(() => held.forEach((page) => page.release()))
    }
  }

  #fits(operation: string): boolean {
    return counted(this.#sizes.get(operation) ?? 0) === 0 || (this.#left > 0 && this.#waiting.size === 0)
  }

  #wake(): void {
    for (const enter of this.#waiting) {
      if (this.#left <= 0) return
      this.#waiting.delete(enter)
      enter()
    }
  }
}

const counted = (items: number): number => Math.max(0, items - freeItems)

const unlimited: Pages = {
  admit: () => Effect.succeed(free),
  tryAdmit: () => free,
  close: Effect.void
}

const free: Page = { holds: () => {}, release: () => {} }

/**
 * The budget of this process.
 *
 * @category services
 * @since 0.1.0
 */
export class ProcessPages extends Context.Reference<PageBudget>("@cadastre/client-factory/ProcessPages", {
  defaultValue: () => new PageBudget()
}) {}

/**
 * The pages of the current work; without limit for whoever says nothing.
 *
 * @category services
 * @since 0.1.0
 */
export class CurrentPages extends Context.Reference<Pages>("@cadastre/client-factory/CurrentPages", {
  defaultValue: () => unlimited
}) {}
