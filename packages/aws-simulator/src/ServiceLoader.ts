/**
 * The services, each loaded at its first call: a start costs no SDK client.
 *
 * @since 0.1.0
 */
import { operationsOf, type Request } from "./Protocol.ts"
import type { Service } from "./Service.ts"
import type { OperationShape } from "./Shape.ts"

/** A service and what its client says of its operations. */
export interface LoadedService {
  readonly service: Service
  readonly operations: Promise<ReadonlyMap<string, OperationShape>>
}

/** Finds services by their SigV4 signing name, and by the request where several share one. */
export const make = (services: ReadonlyArray<Service>) => {
  const loaded = new Map<Service, LoadedService>()
  const known = Map.groupBy(services, ({ signingName }) => signingName)
  return (signingName: string, request: Request): LoadedService | undefined => {
    const service = known.get(signingName)?.find(({ serves }) => serves === undefined || serves(request))
    if (service === undefined) return undefined
    const found = loaded.get(service)
    if (found !== undefined) return found
    const operations = service.load().then((client) => operationsOf(exportsOf(client), Object.keys(service.operations)))
    const made = { service, operations }
    loaded.set(service, made)
    return made
  }
}

/** What a client exports; bundlers may have it as CommonJS, and all of it as the default. */
const exportsOf = (client: object): Readonly<Record<string, unknown>> => {
  const exports = client as Record<string, unknown>
  const whole = exports["default"]
  return typeof whole === "object" && whole !== null ? whole as Record<string, unknown> : exports
}
