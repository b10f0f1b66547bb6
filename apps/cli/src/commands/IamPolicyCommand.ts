import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { config } from "../ConfigFile.ts"
import * as EstateFlags from "../EstateFlags.ts"

const features = EstateFlags.list("features").pipe(
  Flag.withDescription(
    "Also allow: all-services, assume-role, cost, cost-files, incremental, organizations, regions-fallback, resource-explorer, " +
      "tag-fallback, tag-policies"
  )
)

const roleName = Flag.String("role-name").pipe(
  Flag.optional,
  Flag.withDescription("With assume-role: the role that other accounts are entered by, in whatever account")
)

const bills = EstateFlags.list("bills").pipe(
  Flag.withDescription("With cost-files: where the files of the bill are, e.g. s3://bucket/prefix")
)

const partition = Flag.Literals("partition", ["aws", "aws-cn", "aws-us-gov", "aws-eusc"]).pipe(
  Flag.withDefault("aws" as const),
  Flag.withDescription("With assume-role and cost-files: the partition of role and bills")
)

export const iamPolicy = Command.make(
  "iam-policy",
  { types: EstateFlags.scope.types, features, roleName, bills, partition, config },
  (flags) =>
    Effect.flatMap(Effect.promise(() => import("../handlers/PrintIamPolicy.ts")), ({ iamPolicy }) => iamPolicy(flags))
).pipe(Command.withDescription("Print the least IAM policy that a scan needs"))
