import { RoleSettings } from "@cadastre/account-discovery"
import { S3Location } from "@cadastre/cost"
import type { Partition } from "@cadastre/model"
import { IamPolicy, ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ConfigFile from "../ConfigFile.ts"
import { ExitCode, Failure, failureOf } from "../Failure.ts"
import * as ReportOutput from "../ReportOutput.ts"

/** Prints the policy for these types, and nothing else. Makes no AWS call. */
export const iamPolicy = Effect.fn("cadastre iam-policy")(function*(flags: {
  readonly types: ReadonlyArray<string>
  readonly features: ReadonlyArray<string>
  readonly roleName: Option.Option<string>
  readonly bills: ReadonlyArray<string>
  readonly partition: Partition.Partition
  readonly config: Option.Option<string>
}) {
  const registry = yield* ScannerRegistry
  const entries = yield* registry.resolve(flags.types)
  const features = yield* Effect.forEach(flags.features, featureNamed)
  const roleName = Option.getOrUndefined(flags.roleName)
  if (roleName !== undefined) {
    if (!features.includes("assume-role")) {
      return yield* usage("--role-name says which role may be assumed: add --features assume-role")
    }
    // What is no role's name would become part of a policy.
    if (Option.isNone(Schema.decodeOption(RoleSettings.fields.roleName.schema)(roleName))) {
      return yield* usage(`--role-name is "${roleName}": write a role's name, with its path if it has one`)
    }
  }
  if (features.includes("cost-files") !== flags.bills.length > 0) {
    return yield* usage("--features cost-files and --bills go together: add both, as in --features cost-files --bills s3://bucket/prefix")
  }
  const bills = yield* Effect.forEach(flags.bills, (text) => {
    const location = S3Location.parse(text)
    return location === undefined
      ? Effect.fail(usage(`--bills has "${text}": write a bucket and what its files begin with, as s3://bucket/prefix`))
      : Effect.succeed({ bucket: location.bucket, prefix: S3Location.prefixOf(location) })
  })
  const documents = IamPolicy.of(entries, {
    features,
    bills,
    partition: flags.partition,
    ...(roleName === undefined ? {} : { roleName })
  })
  yield* ReportOutput.writeStdout(textOf(documents))
  if (documents.length > 1) {
    yield* Console.error(
      `cadastre: one policy may have ${IamPolicy.maxCharacters} characters, so this is a list of ` +
        `${documents.length} policies: attach them all.`
    )
  }
}, (effect, flags) =>
  Effect.flatMap(ConfigFile.load(flags.config), (own) => Effect.provide(effect, ScannerRegistry.layer(catalog, own))).pipe(
    Effect.mapError(failureOf)
  ))

/** One document as IAM takes it; several as a list. */
const textOf = (documents: ReadonlyArray<IamPolicy.PolicyDocument>): string => {
  const [first, ...others] = documents
  return first !== undefined && others.length === 0
    ? IamPolicy.format(first)
    : `${JSON.stringify(documents, null, 2)}\n`
}

const usage = (message: string) => new Failure({ exitCode: ExitCode.usage, message })

const featureNamed = (name: string): Effect.Effect<IamPolicy.Feature, Failure> => {
  const feature = IamPolicy.features.find((known) => known.name === name.toLowerCase())
  return feature === undefined
    ? Effect.fail(
      usage(
        `The feature "${name}" is unknown. Valid features:\n` +
          IamPolicy.features.map(({ name, purpose }) => `  ${name.padEnd(16)}  ${purpose}`).join("\n")
      )
    )
    : Effect.succeed(feature.name)
}
