/**
 * Which resources have changed: told to those who listen, on every transport.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * A resource that reads otherwise than before; or, without an address, that the
 * list of resources does.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResourceChange {
  readonly uri?: string
}

/**
 * - `publish`: tells all who listen: of a resource at once; of the list a moment later and once for all changes of that
 *   moment, because each call may add to it
 * - `listen`: what is returned ends it
 *
 * @category models
 * @since 0.1.0
 */
export interface ResourceChangeHub {
  readonly publish: (change: ResourceChange) => void
  readonly listen: (listener: (change: ResourceChange) => void) => () => void
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const make = (): ResourceChangeHub => {
  const listeners = new Set<(change: ResourceChange) => void>()
  const tell = (change: ResourceChange) => {
    for (const listener of listeners) listener(change)
  }
  let timer: NodeJS.Timeout | undefined
  return {
    publish: (change) => {
      if (change.uri !== undefined) return tell(change)
      if (listeners.size === 0) return
      timer ??= setTimeout(() => {
        timer = undefined
        tell({})
      }, momentMs).unref()
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}

const momentMs = 250

/**
 * The hub of the server; one that nobody listens to, where there is none.
 *
 * @category services
 * @since 0.1.0
 */
export const ResourceChanges = Context.Reference<ResourceChangeHub>("@cadastre/mcp-adapter/ResourceChanges", {
  defaultValue: make
})
