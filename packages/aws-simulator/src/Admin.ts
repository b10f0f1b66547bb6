/**
 * The simulator's own requests, below `/_cadastre/`: what a test in another process, or a person with `curl`, can ask
 * of a simulator and change about it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as Http from "node:http"
import type * as Counts from "./Counts.ts"
import * as Delivery from "./Delivery.ts"
import type { Estate } from "./Estate.ts"
import type * as FaultLog from "./FaultLog.ts"
import type { Request } from "./Protocol.ts"
import { resourceTypes } from "./ResourceType.ts"
import { Rule } from "./Rule.ts"
import { decode as decodeSchedule, type Schedule } from "./Schedule.ts"

/** What there is to see and to turn. */
export interface Controls {
  readonly estate: Estate
  readonly calls: () => ReadonlyArray<Counts.CallCount>
  readonly maxInFlight: () => number
  readonly faults: () => ReadonlyArray<FaultLog.FaultEntry>
  readonly reset: () => void
  readonly rule: (rule: Rule) => () => void
  readonly rules: () => ReadonlyArray<Rule>
  readonly clearRules: () => void
  readonly schedule: () => Schedule | undefined
  readonly setSchedule: (schedule: Schedule | undefined) => void
  readonly advance: (milliseconds: number) => void
  readonly now: () => number
}

const Tags = Schema.Record(Schema.String, Schema.String)
const Creation = Schema.Struct({
  accountId: Schema.String,
  region: Schema.String,
  type: Schema.Literals(resourceTypes),
  tags: Schema.optionalKey(Tags)
})
const Tagging = Schema.Struct({ arn: Schema.String, tags: Tags })
const Named = Schema.Struct({ arn: Schema.String })
const Clock = Schema.Struct({ advance: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)) })
const RegionChange = Schema.Struct({
  accountId: Schema.String,
  region: Schema.String,
  state: Schema.Literals(["opted-in", "not-opted-in", "enabling", "disabling"])
})

/** What the caller did wrong; its message is the answer. */
class BadRequest extends Error {}

const bodyOf = (request: Request): unknown => {
  try {
    return JSON.parse(request.body)
  } catch (error) {
    throw new BadRequest(`the body is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const reading = <S extends Schema.Decoder<unknown>>(schema: S): (request: Request) => S["Type"] => {
  const decode = Schema.decodeUnknownResult(schema, { onExcessProperty: "error" })
  return (request) => {
    const result = decode(bodyOf(request))
    if (result._tag === "Failure") throw new BadRequest(String(result.failure))
    return result.success
  }
}

const readRule = reading(Rule)
const readCreation = reading(Creation)
const readTagging = reading(Tagging)
const readNamed = reading(Named)
const readClock = reading(Clock)
const readRegion = reading(RegionChange)

/** Status and JSON value of an answer. */
type Reply = readonly [status: number, value: unknown]

/** Answers the requests of administration. */
export const make = (controls: Controls) => {
  const { estate } = controls
  const added = new Map<string, () => void>()
  let ids = 0

  const addRule = (request: Request): Reply => {
    const rule = readRule(request)
    const id = String(++ids)
    added.set(id, controls.rule(rule))
    return [201, { id, rule }]
  }

  const removeRule = (id: string): Reply => {
    const remove = added.get(id)
    if (remove === undefined) return [404, { message: `no rule ${id} was added here` }]
    remove()
    added.delete(id)
    return [200, {}]
  }

  /** What cannot be changed is the caller's mistake: an ARN, an account, a Region that is not there. */
  const changing = (change: () => Reply): Reply => {
    try {
      return change()
    } catch (error) {
      if (error instanceof RangeError) throw new BadRequest(error.message)
      throw error
    }
  }

  const routes: Readonly<Record<string, (request: Request) => Reply>> = {
    "GET /_cadastre/calls": () => [200, controls.calls()],
    "GET /_cadastre/faults": () => [200, controls.faults()],
    "GET /_cadastre/rules": () => [200, controls.rules()],
    "POST /_cadastre/rules": addRule,
    "DELETE /_cadastre/rules": () => {
      controls.clearRules()
      added.clear()
      return [200, {}]
    },
    "GET /_cadastre/schedule": () => [200, controls.schedule() ?? null],
    "PUT /_cadastre/schedule": (request) => {
      const value = bodyOf(request)
      return changing(() => {
        const schedule = decodeSchedule(value)
        controls.setSchedule(schedule)
        return [200, schedule]
      })
    },
    "DELETE /_cadastre/schedule": () => {
      controls.setSchedule(undefined)
      return [200, {}]
    },
    "POST /_cadastre/reset": () => {
      controls.reset()
      return [200, {}]
    },
    "GET /_cadastre/clock": () => [200, { now: controls.now() }],
    "POST /_cadastre/clock": (request) => {
      controls.advance(readClock(request).advance)
      return [200, { now: controls.now() }]
    },
    "POST /_cadastre/resources": (request) => {
      const { tags, ...place } = readCreation(request)
      return changing(() => [201, estate.create(place, tags)])
    },
    "DELETE /_cadastre/resources": (request) => {
      const { arn } = readNamed(request)
      return changing(() => {
        estate.delete(arn)
        return [200, {}]
      })
    },
    "PUT /_cadastre/tags": (request) => {
      const { arn, tags } = readTagging(request)
      return changing(() => {
        estate.tag(arn, tags)
        return [200, {}]
      })
    },
    "DELETE /_cadastre/tags": (request) => {
      const { arn } = readNamed(request)
      return changing(() => {
        estate.tag(arn, {})
        return [200, {}]
      })
    },
    "PUT /_cadastre/regions": (request) => {
      const { accountId, region, state } = readRegion(request)
      return changing(() => {
        estate.setRegion(accountId, region, state)
        return [200, {}]
      })
    }
  }

  const replyTo = (request: Request): Reply => {
    const route = `${request.method} ${request.path}`
    const [, id] = /^DELETE \/_cadastre\/rules\/(\d+)$/u.exec(route) ?? []
    if (id !== undefined) return removeRule(id)
    const found = Object.hasOwn(routes, route) ? routes[route] : undefined
    return found === undefined
      ? [404, { message: `no such administration request: ${route}`, known: Object.keys(routes) }]
      : found(request)
  }

  return (request: Request, response: Http.ServerResponse): void => {
    if (request.method === "GET" && request.path === "/_cadastre/truth") {
      return Delivery.stream(response, estate.truth())
    }
    let reply: Reply
    try {
      reply = replyTo(request)
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error
      reply = [400, { message: error.message }]
    }
    const [status, value] = reply
    Delivery.send(response, { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) })
  }
}
