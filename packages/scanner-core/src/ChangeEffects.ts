/**
 * Which resource types an event of CloudTrail may have changed.
 *
 * @since 0.1.0
 */
import { Arn, ResourceType } from "@cadastre/model"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as EventNames from "./EventNames.ts"

/**
 * One write event, as far as it matters here.
 *
 * - `source`: `ec2.amazonaws.com`
 * - `resourceTypes`: of the resources that CloudTrail names, in CloudFormation's spelling or its own
 * - `request`: the call's parameters; `undefined` where they are not known
 *
 * @category models
 * @since 0.1.0
 */
export interface ChangeEvent {
  readonly source: string
  readonly name: string
  readonly resourceTypes: ReadonlyArray<string>
  readonly request: unknown
}

/** What of a catalogue entry is needed to tell. */
export type KnownType = Pick<ResourceType.ResourceTypeInfo, "type" | "cloudFormation">

/**
 * The types among `entries` that an event may have changed. It errs to one side
 * only: what is not known to leave a type alone has changed it.
 *
 * - An event changes every type of its service, unless its name is known to
 *   touch fewer, or it is one that tags what it names by ARN or id
 * - The types of the resources that CloudTrail names are changed as well, whatever the service
 * - Events of services that no type belongs to change nothing else
 *
 * @category getters
 * @since 0.1.0
 */
export const changedBy = <Entry extends KnownType>(
  event: ChangeEvent,
  entries: ReadonlyArray<Entry>
): ReadonlyArray<Entry> => {
  const source = event.source.split(".")[0] ?? ""
  if (source === "tagging") return byArns(arnsOf(event.request), entries) ?? entries
  if (EventNames.isHarmless(source, event.name)) return []
  const ofService = entries.filter((entry) => EventNames.sourceOf(entry.type) === source)
  const exact = exactly(source, event, ofService)
  if (exact !== undefined) return exact
  const named = new Set(event.resourceTypes.map(EventNames.cloudFormationOf))
  return entries.filter((entry) => named.has(entry.cloudFormation) || ofService.includes(entry))
}

/**
 * Whether events can tell of this type at all. Of the others nobody knows
 * whether they have changed: types of services that are not known to log, and
 * those whose resources AWS makes and deletes by itself, without an event.
 *
 * @category guards
 * @since 0.1.0
 */
export const isTold = (entry: KnownType): boolean =>
  EventNames.sourceOf(entry.type) !== undefined && !EventNames.changesByItself(entry.cloudFormation)

/** The types that an event is known to touch and no others, where that is known. */
const exactly = <Entry extends KnownType>(
  source: string,
  { name, request }: ChangeEvent,
  ofService: ReadonlyArray<Entry>
): ReadonlyArray<Entry> | undefined => {
  if (source === "ec2" && (name === "CreateTags" || name === "DeleteTags")) {
    const names = idsOf(request)?.map(EventNames.ofEc2Id)
    return names?.every((one) => one !== undefined) === true ? touching(names, ofService) : undefined
  }
  if (EventNames.tagsByArn(name)) return byArns(arnsOf(request), ofService)
  const effects = EventNames.effectsOf(source, name)
  return effects === undefined ? undefined : touching(effects, ofService)
}

/** A type that the tables do not name may be touched by anything. */
const touching = <Entry extends KnownType>(
  names: ReadonlyArray<string | undefined>,
  ofService: ReadonlyArray<Entry>
): ReadonlyArray<Entry> =>
  ofService.filter(({ cloudFormation }) =>
    names.includes(cloudFormation) || !EventNames.isNamed(cloudFormation)
  )

/**
 * The types that ARNs are of: by their word for it where a type has that name,
 * with every type whose name holds the word (`classic-loadbalancer` has the ARNs
 * of a `loadbalancer`), else every type of the service.
 */
const byArns = <Entry extends KnownType>(
  arns: ReadonlyArray<string> | undefined,
  entries: ReadonlyArray<Entry>
): ReadonlyArray<Entry> | undefined => {
  if (arns === undefined || arns.length === 0) return undefined
  const found = new Set<Entry>()
  for (const text of arns) {
    const arn = Arn.parse(text)
    if (Option.isNone(arn)) return undefined
    const { service } = arn.value
    const word = Arn.resourceOf(arn.value).type?.toLowerCase() ?? ""
    const exact = entries.some((entry) => entry.type === `${service}:${word}`)
    for (const entry of entries) {
      const isTouched = ResourceType.serviceOf(entry.type) === service
        ? !exact || entry.type.includes(word)
        : EventNames.sourceOf(entry.type) === service
      if (isTouched) found.add(entry)
    }
  }
  return [...found]
}

/** Where tagging calls say what they tag; the values of tags are never looked at. */
const arnParameters: ReadonlySet<string> = new Set([
  "arn",
  "resource",
  "resourcearn",
  "resourcearnlist",
  "resourcearns",
  "resourcename"
])

/** The ARNs that a tagging call names; `undefined` where it names anything by other means. */
const arnsOf = (request: unknown): ReadonlyArray<string> | undefined => {
  if (!Predicate.isObject(request)) return undefined
  const arns: Array<string> = []
  for (const [name, value] of Object.entries(request)) {
    if (!arnParameters.has(name.toLowerCase())) continue
    for (const one of Array.isArray(value) ? value as ReadonlyArray<unknown> : [value]) {
      if (typeof one !== "string") return undefined
      arns.push(one)
    }
  }
  return arns
}

/** The ids that `ec2:CreateTags` names, as CloudTrail writes them: `{resourcesSet: {items: [{resourceId}]}}`. */
const idsOf = (request: unknown): ReadonlyArray<string> | undefined => {
  if (!Predicate.hasProperty(request, "resourcesSet") || !Predicate.hasProperty(request.resourcesSet, "items")) {
    return undefined
  }
  const { items } = request.resourcesSet
  if (!Array.isArray(items) || items.length === 0) return undefined
  const ids: Array<string> = []
  for (const item of items as ReadonlyArray<unknown>) {
    if (!Predicate.hasProperty(item, "resourceId") || typeof item.resourceId !== "string") return undefined
    ids.push(item.resourceId)
  }
  return ids
}
