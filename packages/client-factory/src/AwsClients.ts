/**
 * AWS SDK clients as a service.
 *
 * @since 0.1.0
 */
import {
  loadConfig,
  type LoadedConfigSelectors,
  nodeDualstackConfigSelectors,
  nodeFipsConfigSelectors
} from "@smithy/core/config"
import { AwsError, type RegionId, Unexpected } from "@cadastre/model"
import type { AwsCredentialIdentityProvider } from "@smithy/types"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { AwsSettings } from "./AwsSettings.ts"
import type { Account } from "./CurrentAccount.ts"
import { HttpTransport, type RequestHandler } from "./HttpTransport.ts"
import * as JsonAnswer from "./JsonAnswer.ts"
import * as SharedConfig from "./SharedConfig.ts"
import * as SharedCredentials from "./SharedCredentials.ts"
import * as XmlAnswer from "./XmlAnswer.ts"

/**
 * What we give every SDK client.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClientConfig {
  readonly region: string
  readonly credentials: AwsCredentialIdentityProvider
  readonly requestHandler: RequestHandler
  /** 1: we retry ourselves, within the deadline, and count every call once. */
  readonly maxAttempts: 1
  /** The SDK's default logger makes it copy every answer through a filter first. */
  readonly logger: {}
  /** One host, and so one set of connections, for all buckets; also what names with dots need under TLS. */
  readonly forcePathStyle: true
  /** SQS would else call, and sign for, whatever host an answer names in the address of a queue. */
  readonly useQueueUrlAsEndpoint: false
  /** Seen in CloudTrail, so that an account's owner can tell who called. */
  readonly userAgentAppId: "cadastre"
  readonly authSchemePreference: ReadonlyArray<string>
  readonly retryMode: "standard"
  readonly useDualstackEndpoint: boolean
  readonly useFipsEndpoint: boolean
  readonly profile?: string
  readonly endpoint?: string
  /** True where a profile is named: the SDK would take the endpoint of the default one. */
  readonly ignoreConfiguredEndpointUrls?: true
}

/**
 * What is the same for all clients and would otherwise be looked up by each of
 * them anew, in the environment and in files: a wide scan makes hundreds.
 */
const sharedConfig = Effect.fnUntraced(function*(profile: string | undefined) {
  const where = profile === undefined ? {} : { profile }
  const load = (options: LoadedConfigSelectors<boolean | undefined>) =>
    Effect.tryPromise(loadConfig(options, where)).pipe(
      Effect.map((value) => value ?? false),
      // What cannot be read is reported by the credential chain, which reads the same files.
      Effect.orElseSucceed(() => false)
    )
  return {
    maxAttempts: 1,
    logger: {},
    forcePathStyle: true,
    useQueueUrlAsEndpoint: false,
    userAgentAppId: "cadastre",
    authSchemePreference: [],
    retryMode: "standard",
    useDualstackEndpoint: yield* load(nodeDualstackConfigSelectors),
    useFipsEndpoint: yield* load(nodeFipsConfigSelectors),
    ...where,
    ...(profile === undefined ? {} : { ignoreConfiguredEndpointUrls: true as const })
  } as const
})

/**
 * Any SDK v3 client.
 *
 * @category models
 * @since 0.1.0
 */
export interface SdkClient {
  readonly middlewareStack: unknown
  readonly config: { readonly serviceId: string; readonly defaultSigningName?: string }
  // oxlint-disable-next-line typescript/no-explicit-any -- the SDK's own commands type what goes in and comes out
  readonly send: (command: any, options: { readonly abortSignal: AbortSignal }) => Promise<any>
  readonly destroy: () => void
}

/**
 * The class of an SDK v3 client, e.g. `EC2Client`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClientClass<C extends SdkClient = SdkClient> {
  // oxlint-disable-next-line typescript/no-explicit-any -- each client's configuration type is its own
  new(config: any): C
  readonly name: string
}

const endpointOf = (profile: string, serviceId: string): Effect.Effect<string | undefined> =>
  Effect.tryPromise(() => SharedConfig.endpointOf(profile, serviceId)).pipe(
    // What cannot be read is reported by the credential chain, which reads the same files.
    Effect.orElseSucceed(() => undefined)
  )

/** What of a client's configuration comes from the profile. */
type Way = Omit<ClientConfig, "region" | "credentials" | "endpoint">

const unreadable = (clientClass: ClientClass, region: RegionId) => ({ message }: Config.ConfigError): AwsError =>
  new AwsError({
    operation: `${clientClass.name.replace(/Client$/u, "").toLowerCase()}:*`,
    region,
    reason: new Unexpected({ message, code: "ConfigError", status: 0 })
  })

/** Clients that nobody used for this long are let go. */
const idleMs = 15 * 60_000

/**
 * One SDK client for each account, Region and client class: made on first use,
 * the same object from then on, released when idle for 15 minutes, destroyed
 * with the layer. All share one {@link HttpTransport} and, for each account,
 * one credential provider.
 *
 * Fails where an account's profile names certificates that cannot be read.
 *
 * @category services
 * @since 0.1.0
 */
export class AwsClients extends Context.Service<AwsClients, {
  readonly get: <C extends SdkClient>(
    clientClass: ClientClass<C>,
    account: Pick<Account, "id" | "credentials" | "profile">,
    region: RegionId
  ) => Effect.Effect<C, AwsError>
}>()("@cadastre/client-factory/AwsClients") {
  static readonly layerNoDeps = Layer.effect(
    AwsClients,
    Effect.gen(function*() {
      const transport = yield* HttpTransport
      const { endpointUrl, profile } = yield* AwsSettings
      const shared = yield* sharedConfig(profile)
      const inUse: Way = { requestHandler: transport.handler, ...shared }
      const ways = new Map<string, Way>()
      const clients = new Map<string, { readonly client: SdkClient; usedAt: number }>()

      // An account may be called by its own credentials and by those of a role in it: never with each other's.
      const numbers = new WeakMap<AwsCredentialIdentityProvider, number>()
      let providers = 0
      const numberOf = (provider: AwsCredentialIdentityProvider): number => {
        const known = numbers.get(provider)
        if (known !== undefined) return known
        numbers.set(provider, ++providers)
        return providers
      }

      yield* Effect.addFinalizer(() => Effect.sync(() => clients.forEach(({ client }) => client.destroy())))

      yield* Effect.map(Clock.currentTimeMillis, (now) => {
        for (const [key, { client, usedAt }] of clients) {
          if (now - usedAt < idleMs) continue
          clients.delete(key)
          client.destroy()
        }
      }).pipe(Effect.repeat(Schedule.spaced(idleMs / 3)), Effect.forkScoped)

      /** How calls of an account reach AWS, where it has a profile of its own. */
      const wayOf = Effect.fnUntraced(function*(name: string) {
        const known = ways.get(name)
        if (known !== undefined) return known
        const way: Way = { requestHandler: yield* transport.ofProfile(name), ...(yield* sharedConfig(name)) }
        ways.set(name, way)
        return way
      })

      const make = Effect.fnUntraced(function*<C extends SdkClient>(
        key: string,
        clientClass: ClientClass<C>,
        account: Pick<Account, "credentials" | "profile">,
        region: RegionId,
        now: number
      ) {
        const name = account.profile ?? profile
        const way = name === undefined || name === profile
          ? inUse
          : yield* Effect.mapError(wayOf(name), unreadable(clientClass, region))
        const config: ClientConfig = {
          region,
          credentials: SharedCredentials.inHand(account.credentials),
          ...way,
          ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl })
        }
        const client = new clientClass(config)
        const endpoint = endpointUrl !== undefined || name === undefined
          ? undefined
          : yield* endpointOf(name, client.config.serviceId)
        // Others may have come first while the files were read.
        const meanwhile = clients.get(key)
        if (meanwhile !== undefined) return meanwhile.client as C
        const made = endpoint === undefined ? client : new clientClass({ ...config, endpoint })
        XmlAnswer.install(made)
        JsonAnswer.install(made)
        clients.set(key, { client: made, usedAt: now })
        return made
      })

      return AwsClients.of({
        get: <C extends SdkClient>(
          clientClass: ClientClass<C>,
          account: Pick<Account, "id" | "credentials" | "profile">,
          region: RegionId
        ) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const key = `${account.id}/${numberOf(account.credentials)}/${region}/${clientClass.name}`
            const known = clients.get(key)
            if (known === undefined) return make(key, clientClass, account, region, now)
            known.usedAt = now
            return Effect.succeed(known.client as C)
          })
      })
    })
  )

  static readonly layer = AwsClients.layerNoDeps.pipe(Layer.provide(HttpTransport.layer))
}
