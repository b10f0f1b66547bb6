/** The simulated estate that every question can be asked of without AWS: `--demo`. */
import type { Region } from "@cadastre/aws-simulator"
import type { AwsConnection } from "@cadastre/client-factory"
import type { TagPolicy } from "@cadastre/policy"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import type { AccountScope } from "./AccountFlags.ts"
import type { Connection } from "./EstateFlags.ts"
import { ExitCode, Failure } from "./Failure.ts"

export const demo = Flag.Boolean("demo").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Ask a simulated estate: needs no AWS account, and touches nothing of yours")
)

/** What belongs together is tagged alike, nine times in ten: there is something to learn from. */
const whole = { seed: 7, resources: 1500, tags: { coherent: 0.9 } }

/** A question is answered in a moment: the estate is in a few Regions, and others are not enabled. */
const regions: ReadonlyArray<string | Region> = [
  "us-east-1",
  "us-east-2",
  "us-west-2",
  "eu-west-1",
  "eu-central-1",
  "ap-southeast-2",
  { name: "af-south-1", optInStatus: "not-opted-in" },
  { name: "eu-south-1", optInStatus: "not-opted-in" }
]

const dayMs = 86_400_000

/** The bill shows the tags that the policy requires, one of them only since ten days ago. */
const bill = (now: number) => ({
  activatedTags: {
    Owner: "2020-01-01",
    Environment: "2020-01-01",
    CostCenter: "2020-01-01",
    Application: DateTime.formatIso(DateTime.makeUnsafe(now - 10 * dayMs)).slice(0, 10)
  }
})

/** Tag policies at the root, at a unit and at the account: each adds to, or overrules, the one above. */
const organization = {
  units: [{ name: "Prod", accounts: ["111122223333"] }],
  tagPolicies: [
    {
      name: "everyone",
      targets: ["/"],
      content: {
        tags: {
          owner: { tag_key: { "@@assign": "Owner" }, report_required_tag_for: { "@@assign": ["ec2:instance", "s3:ALL_SUPPORTED"] } },
          environment: {
            tag_key: { "@@assign": "Environment", "@@operators_allowed_for_child_policies": ["@@none"] },
            tag_value: { "@@assign": ["production", "staging", "development"] }
          }
        }
      }
    },
    {
      name: "production",
      targets: ["/Prod"],
      content: {
        tags: {
          environment: { tag_key: { "@@assign": "ENVIRONMENT" }, tag_value: { "@@remove": ["development"] } },
          costcenter: { tag_key: { "@@assign": "CostCenter" }, tag_value: { "@@assign": ["CC-*"] } }
        }
      }
    },
    {
      name: "this-account",
      targets: ["111122223333"],
      content: { tags: { environment: { tag_value: { "@@append": ["sandbox"] } } } }
    }
  ]
}

/**
 * Starts the simulated AWS, for as long as the scope lives: the estate, and how
 * it is called.
 *
 * - `whole`: in all Regions, and it answers as slowly as AWS does
 * - `organization`: the account belongs to one, which has tag policies
 */
export const start = Effect.fnUntraced(function*(options: { readonly whole?: boolean; readonly organization?: boolean } = {}) {
  const { Simulator } = yield* Effect.promise(() => import("@cadastre/aws-simulator"))
  // The SDK takes the Region of calls without one from here, and the estate need not be in the user's.
  yield* Effect.sync(() => {
    process.env["AWS_REGION"] = "us-east-1"
  })
  const costs = bill(yield* Clock.currentTimeMillis)
  const simulator = yield* Simulator.make({
    estate: {
      ...whole,
      ...options.whole === true ? {} : { regions, costs },
      ...options.organization === true ? { organization } : {}
    },
    ...options.whole === true ? { latency: { milliseconds: 20, jitter: 10 } } : {}
  })
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  const connection: AwsConnection = {
    endpointUrl: simulator.url,
    credentials: () => Promise.resolve({ accessKeyId, secretAccessKey })
  }
  return { simulator, connection }
})

/** The policy that it is asked about unless another one is named. */
export const samplePolicy = Effect.fnUntraced(function*() {
  const [{ PolicyFile }, { default: sample }] = yield* Effect.promise(() =>
    Promise.all([
      import("@cadastre/policy"),
      import("@cadastre/policy/sample-policy.json", { with: { type: "json" } })
    ])
  )
  const source = "the sample policy"
  const policy: TagPolicy = yield* PolicyFile.load(JSON.stringify(sample), { source })
  return { policy, source }
})

/** What says which AWS is meant, or uses what is kept of it. */
interface Flags extends Connection, Partial<AccountScope> {
  readonly config?: Option.Option<string>
  readonly cache?: boolean
  readonly resume?: boolean
  readonly focus?: ReadonlyArray<string>
  readonly cur?: ReadonlyArray<string>
}

/** Fails where flags are about an estate of one's own. */
export const refuseOthers = (flags: Flags): Effect.Effect<void, Failure> => {
  const given = [
    ...named("--profile", flags.profile),
    ...named("--endpoint-url", flags.endpointUrl),
    ...named("--accounts-file", flags.accountsFile),
    ...named("--role-name", flags.roleName),
    ...named("--config", flags.config),
    ...(flags.org === true ? ["--org"] : []),
    ...((flags.profiles ?? []).length > 0 ? ["--profiles"] : []),
    ...((flags.focus ?? []).length > 0 ? ["--focus"] : []),
    ...((flags.cur ?? []).length > 0 ? ["--cur"] : []),
    ...(flags.cache === true ? ["--cache"] : []),
    ...(flags.resume === true ? ["--resume"] : [])
  ]
  return given.length === 0 ? Effect.void : Effect.fail(
    new Failure({
      exitCode: ExitCode.usage,
      message: `--demo asks a simulated estate, and ${given.join(", ")} ${given.length === 1 ? "is" : "are"} about one of your own: leave one of them out`
    })
  )
}

const named = (flag: string, value: Option.Option<string> | undefined): ReadonlyArray<string> =>
  value !== undefined && Option.isSome(value) ? [flag] : []
