import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { policy as policyFile } from "./CheckCommand.ts"

const format = Flag.Literals("format", ["text", "json"]).pipe(
  Flag.withAlias("f"),
  Flag.withDefault("text" as const),
  Flag.withDescription("text, or json with everything that the command has to say")
)

const output = Flag.String("output").pipe(
  Flag.withAlias("o"),
  Flag.optional,
  Flag.withDescription("Write the result to this file instead of stdout")
)

const sample = Flag.Boolean("demo").pipe(
  Flag.withDefault(false),
  Flag.withDescription("The sample policy, where no other is named")
)

const account = Flag.String("account").pipe(
  Flag.optional,
  Flag.withDescription("The account whose effective policy it is; the own one by default")
)

const validate = Command.make(
  "validate",
  {
    file: Argument.String("file").pipe(
      Argument.optional,
      Argument.withDescription("The tag policy, JSON or YAML; POLICY_PATH or ./tagging_policy.json by default")
    ),
    format,
    demo: sample
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ValidatePolicy.ts")), ({ validate }) => validate(flags))
).pipe(Command.withDescription("Check a policy file: every mistake with line and column; its hash and its waivers"))

const importing = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(
      Argument.optional,
      Argument.withDescription("The file to read; without one, the live tag policy of AWS Organizations")
    ),
    from: Flag.Literals("from", ["organizations", "custodian", "config", "rego", "openops", "infracost", "steampipe", "terraform"]).pipe(
      Flag.withDefault("organizations" as const),
      Flag.withDescription("What the file is; of infracost, its findings are read")
    ),
    policyId: Flag.String("policy-id").pipe(
      Flag.optional,
      Flag.withDescription("Read this policy of AWS Organizations instead of an effective one")
    ),
    account,
    format,
    output,
    ...EstateFlags.connection,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ImportPolicy.ts")), ({ importPolicy }) => importPolicy(flags))
).pipe(Command.withDescription("Convert another tool's policy into a Cadastre policy, and say what was left out"))

const exporting = Command.make(
  "export",
  {
    to: Flag.Literals("to", ["organizations", "custodian", "config", "cloudformation", "rego", "openops", "steampipe", "terraform"]).pipe(
      Flag.withDescription("The format to write; config and cloudformation are AWS Config's required-tags")
    ),
    policy: policyFile,
    format,
    output,
    demo: sample
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ExportPolicy.ts")), ({ exportPolicy }) => exportPolicy(flags))
).pipe(Command.withDescription("Write the policy for another tool, and say what it cannot express"))

const explain = Command.make(
  "explain",
  {
    files: Argument.String("files").pipe(
      Argument.variadic(),
      Argument.withDescription(
        "Tag policies of AWS Organizations as place=file, the root first; of one place, in the order attached. None: the live ones"
      )
    ),
    account,
    format,
    ...EstateFlags.connection,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ExplainPolicy.ts")), ({ explain }) => explain(flags))
).pipe(Command.withDescription("Merge tag policies from the root to an account, and say which line decides each value"))

const init = Command.make(
  "init",
  { output },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/InitPolicy.ts")), ({ init }) => init(flags))
).pipe(Command.withDescription("Write a policy to start from"))

const schema = Command.make(
  "schema",
  { output },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/InitPolicy.ts")), ({ schema }) => schema(flags))
).pipe(Command.withDescription("Write the JSON Schema of policy files, for editors"))

export const policy = Command.make("policy").pipe(
  Command.withDescription("Check, convert and explain tag policies"),
  Command.withSubcommands([validate, importing, exporting, explain, init, schema])
)
