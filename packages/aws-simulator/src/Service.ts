/**
 * What one simulated AWS service is: its protocol, its errors and its operations.
 *
 * @since 0.1.0
 */
import type { Estate, EstateResource } from "./Estate.ts"
import type { Cause, Family } from "./Family.ts"
import type { Fault, FaultOf } from "./Fault.ts"
import type { Protocol, Request } from "./Protocol.ts"
import type { Partition } from "./Region.ts"
import type { ResourceType } from "./ResourceType.ts"
import type { OperationShape } from "./Shape.ts"

/** One call, as its handler sees it. */
export interface Call {
  readonly estate: Estate
  readonly accountId: string
  /** The Region that the caller signed for. */
  readonly region: string
  /** The partition of the caller's account. */
  readonly partition: Partition
  readonly service: string
  readonly operation: string
  /** What the SDK says of the operation. */
  readonly shape: OperationShape
  /** The ARN of the caller. */
  readonly principal: string
  /** The `Host` that was asked, where the request says it. */
  readonly host?: string | undefined
  /** The unique id of the caller, as `sts:GetCallerIdentity` tells it. */
  readonly userId: string
  /** Milliseconds since 1970, on the simulator's clock. */
  readonly now: number
  /** Makes and opens page tokens; see `Paging`. */
  readonly paging: PagingPolicy
  /** A resource of the caller's account in a Region (default the call's). */
  readonly find: <T extends ResourceType>(type: T, key: string, region?: string) => EstateResource<T> | undefined
}

/** What makes pages other than the service's own limits do. */
interface PagingPolicy {
  readonly cap: number
  readonly ragged: boolean
  readonly seed: number
  /** The faults of this page. */
  readonly oddities: {
    readonly empty?: FaultOf<"empty-page"> | undefined
    readonly short?: FaultOf<"short-page"> | undefined
    readonly duplicates?: FaultOf<"duplicates"> | undefined
    readonly repeated?: FaultOf<"repeated-token"> | undefined
    readonly expired?: FaultOf<"expired-page-token"> | undefined
  }
  /** Says that a fault had its effect. */
  readonly took: (fault: Fault) => void
}

/** A code and its HTTP status; in the text `{}` stands for what was asked for. */
export type Refusal = readonly [code: string, status: number, text?: string]

/** Answers one operation, in the SDK's shapes; throws an `AwsFault` to refuse. */
export type Handler<Input = never, Output = unknown> = (input: Input, call: Call) => Output

/** A simulated service. */
export interface Service {
  /** The name in the SigV4 credential scope. */
  readonly signingName: string
  /** The prefix of its IAM actions. */
  readonly iamPrefix: string
  /** Global services answer whatever Region is signed for. */
  readonly scope: "regional" | "global"
  readonly protocol: Protocol
  readonly family: Family
  /** Loads the SDK client whose schemas describe the operations; called at first use. */
  readonly load: () => Promise<object>
  readonly operations: Readonly<Record<string, Handler>>
  /** IAM actions that are not called as their operation. */
  readonly actions?: Readonly<Record<string, string>>
  /** Another IAM action, besides its own, that a request needs. */
  readonly alsoNeeds?: (operation: string, input: unknown) => string | undefined
  /** Whether the call draws on EC2's smaller bucket. */
  readonly isUnpaginated?: (input: unknown) => boolean
  /** Page tokens of these operations may come with fewer or no items, as AWS documents. */
  readonly ragged?: ReadonlyArray<string>
  /** The code of the service's query protocol for a cause, where the protocol is query-compatible JSON. */
  readonly queryCodes?: Readonly<Partial<Record<Cause, string>>>
  /** What declared operations refuse with: a page size, a token, something that is not there. */
  readonly refusals?: Readonly<Partial<Record<"size" | "token" | "missing", Refusal>>>
  /** Whether a request is for this service, where several have one signing name. */
  readonly serves?: (request: Request) => boolean
}

/** Declares a service. The operations keep their own input types. */
export const make = (service: Omit<Service, "operations"> & {
  // Handlers of many input types stand in one record: each is called with what its own schema decodes.
  // oxlint-disable-next-line @typescript-eslint/no-explicit-any
  readonly operations: Readonly<Record<string, Handler<any>>>
}): Service => service
