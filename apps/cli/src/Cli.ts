/**
 * The command line: what there is to call and how it is presented. What a
 * command does is loaded when it is called.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import manifest from "../package.json" with { type: "json" }
import { accounts } from "./commands/AccountsCommand.ts"
import { check } from "./commands/CheckCommand.ts"
import { demo } from "./commands/DemoCommand.ts"
import { diff } from "./commands/DiffCommand.ts"
import { gap } from "./commands/GapCommand.ts"
import { history } from "./commands/HistoryCommand.ts"
import { iamPolicy } from "./commands/IamPolicyCommand.ts"
import { inventory } from "./commands/InventoryCommand.ts"
import { mcp } from "./commands/McpCommand.ts"
import { plan } from "./commands/PlanCommand.ts"
import { policy } from "./commands/PolicyCommand.ts"
import { regions } from "./commands/RegionsCommand.ts"
import { report } from "./commands/ReportCommand.ts"
import { scan } from "./commands/ScanCommand.ts"
import { serve } from "./commands/ServeCommand.ts"
import { suggest } from "./commands/SuggestCommand.ts"
import { types } from "./commands/TypesCommand.ts"
import { untagged } from "./commands/UntaggedCommand.ts"
import { validate } from "./commands/ValidateCommand.ts"
import { ExitCode, ExitWith } from "./Failure.ts"
import { runMain } from "./StopSignal.ts"

const cadastre = Command.make("cadastre").pipe(
  Command.withDescription("What is in your AWS estate, who owns it, what breaks the tag policy, and what could not be seen"),
  Command.withSubcommands([scan, check, gap, untagged, validate, suggest, history, diff, report, inventory, accounts, plan, iamPolicy, policy, regions, types, demo, mcp, serve])
)

/** A mistake in the command is one message and one line of usage, on stderr: stdout belongs to the result. */
const presenter = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.flatMap(CliOutput.Formatter, (formatter) =>
        Console.error(`${formatter.formatErrors(event.errors).trim()}\n\nUsage: ${event.helpDoc.usage}   (see --help)`))
      : CliOutput.defaultPresenter.present(event)
})

Command.run(cadastre, { version: manifest.version }).pipe(
  Effect.catchIf(
    (error) => CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length > 0,
    () => Effect.fail(new ExitWith({ exitCode: ExitCode.usage }))
  ),
  Effect.provide([
    NodeServices.layer,
    presenter,
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
    Layer.succeed(Logger.LogToStderr, true),
    Layer.succeed(References.MinimumLogLevel, "Warn")
  ]),
  runMain
)
