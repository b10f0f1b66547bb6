/** The tools, resources and prompts that the official conformance suite asks a server for, as values of the adapter. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ClientInput from "../../src/ClientInput.ts"
import type { Content } from "../../src/Content.ts"
import { CurrentClient } from "../../src/CurrentClient.ts"
import type { Served } from "../../src/McpAdapter.ts"
import * as Prompt from "../../src/Prompt.ts"
import * as Resource from "../../src/Resource.ts"
import * as Tool from "../../src/Tool.ts"
import { RequestRefused } from "../../src/ToolFailure.ts"

/** One red pixel. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/** A header, and one sample of silence. */
const wav = Buffer.concat([
  Buffer.from("RIFF"),
  Buffer.from(Uint32Array.of(38).buffer),
  Buffer.from("WAVEfmt "),
  Buffer.from(Uint32Array.of(16).buffer),
  Buffer.from(Uint16Array.of(1, 1).buffer),
  Buffer.from(Uint32Array.of(8000, 16_000).buffer),
  Buffer.from(Uint16Array.of(2, 16).buffer),
  Buffer.from("data"),
  Buffer.from(Uint32Array.of(2).buffer),
  Buffer.from(Uint16Array.of(0).buffer)
]).toString("base64")

const image: Content = { type: "image", data: png, mimeType: "image/png" }

const tool = <const I extends Schema.Struct.Fields, E extends Tool.ToolError>(
  name: string,
  input: I,
  call: (args: Schema.Struct.Type<I>, call: Tool.Call) => Effect.Effect<string | ReadonlyArray<Content>, E>
) =>
  Tool.make({
    name,
    title: name,
    description: `What the conformance suite asks for as ${name}.`,
    input,
    output: Schema.Struct({}),
    openWorld: false,
    call: (args, context) =>
      Effect.map(call(args, context), (content) =>
        typeof content === "string" ? { structured: {}, text: content } : { structured: {}, text: "", content })
  })

const answers = (name: string, content: string | ReadonlyArray<Content>) => tool(name, {}, () => Effect.succeed(content))

const log = (message: string) => Effect.flatMap(CurrentClient, (client) => client.log("info", message))

const pause = Effect.sleep("20 millis")

const nameForm = ClientInput.form({
  message: "What is your name?",
  properties: { name: { type: "string" } },
  required: ["name"],
  content: Schema.Struct({ name: Schema.String })
})

const confirmation = ClientInput.form({
  message: "Please confirm",
  properties: { ok: { type: "boolean" } },
  required: ["ok"],
  content: Schema.Struct({ ok: Schema.Boolean })
})

const anything = Schema.Record(Schema.String, Schema.Json)

const ask = (question: ClientInput.Question<ClientInput.Filled<unknown>>) =>
  Effect.map(ClientInput.ask({ form: question }), ({ form }) => `Elicitation completed: ${JSON.stringify(form)}`)

const tools = [
  answers("test_simple_text", "This is a simple text response for testing."),
  answers("test_image_content", [image]),
  answers("test_audio_content", [{ type: "audio", data: wav, mimeType: "audio/wav" }]),
  answers("test_embedded_resource", [{
    type: "resource",
    resource: { uri: "test://embedded-resource", mimeType: "text/plain", text: "This is an embedded resource content." }
  }]),
  answers("test_multiple_content_types", [
    { type: "text", text: "Multiple content types test:" },
    image,
    {
      type: "resource",
      resource: { uri: "test://mixed-content-resource", mimeType: "application/json", text: "{\"test\":\"data\",\"value\":123}" }
    }
  ]),
  tool("test_tool_with_logging", {}, () =>
    Effect.gen(function*() {
      yield* log("Tool execution started")
      yield* pause
      yield* log("Tool processing data")
      yield* pause
      yield* log("Tool execution completed")
      return "Three messages were logged."
    })),
  tool("test_logging_tool", {}, () => Effect.as(log("Nobody wants to hear this"), "One message was logged.")),
  tool("test_error_handling", {}, () =>
    Effect.fail(new RequestRefused({ why: "This tool intentionally returns an error for testing.", remedy: "Do not call it." }))),
  tool("test_tool_with_progress", {}, (_args, { progress }) =>
    Effect.gen(function*() {
      for (const done of [0, 50, 100]) {
        yield* progress({ done, total: 100, message: `${done} of 100` })
        yield* pause
      }
      return "Progress was told."
    })),
  tool("test_reconnection", {}, () =>
    Effect.gen(function*() {
      yield* pause
      yield* (yield* CurrentClient).letGo
      yield* pause
      return "Whoever came back hears this."
    })),
  tool("test_sampling", { prompt: Schema.String }, ({ prompt }) =>
    Effect.map(ClientInput.ask({ said: ClientInput.sentence({ prompt, maxTokens: 100 }) }), ({ said }) => `LLM response: ${said}`)),
  tool("test_elicitation", { message: Schema.String }, ({ message }) =>
    ask(ClientInput.form({
      message,
      properties: {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" }
      },
      required: ["username", "email"],
      content: Schema.Struct({ username: Schema.String, email: Schema.String })
    }))),
  tool("test_elicitation_sep1034_defaults", {}, () =>
    ask(ClientInput.form({
      message: "Are these right?",
      properties: {
        name: { type: "string", default: "John Doe" },
        age: { type: "integer", default: 30 },
        score: { type: "number", default: 95.5 },
        status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
        verified: { type: "boolean", default: true }
      },
      content: anything
    }))),
  tool("test_elicitation_sep1330_enums", {}, () =>
    ask(ClientInput.form({
      message: "Choose",
      properties: {
        untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
        titledSingle: {
          type: "string",
          oneOf: [{ const: "value1", title: "First Option" }, { const: "value2", title: "Second Option" }, { const: "value3", title: "Third Option" }]
        },
        legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["Option One", "Option Two", "Option Three"] },
        untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
        titledMulti: {
          type: "array",
          items: {
            anyOf: [{ const: "value1", title: "First Choice" }, { const: "value2", title: "Second Choice" }, { const: "value3", title: "Third Choice" }]
          }
        }
      },
      content: anything
    }))),
  tool("test_missing_capability", {}, () =>
    Effect.map(ClientInput.ask({ said: ClientInput.sentence({ prompt: "Say something.", maxTokens: 10 }) }), ({ said }) => said)),
  tool("test_streaming_elicitation", {}, () => ask(nameForm)),
  tool("test_input_required_result_elicitation", {}, () =>
    Effect.map(ClientInput.ask({ user_name: nameForm }), ({ user_name }) =>
      user_name.action === "accept" ? `Hello, ${user_name.content.name}!` : "Hello, whoever you are!")),
  tool("test_input_required_result_sampling", {}, () =>
    Effect.map(
      ClientInput.ask({ capital_question: ClientInput.sentence({ prompt: "What is the capital of France?", maxTokens: 100 }) }),
      ({ capital_question }) => capital_question
    )),
  tool("test_input_required_result_list_roots", {}, () =>
    Effect.map(ClientInput.ask({ client_roots: ClientInput.roots }), ({ client_roots }) => `Roots: ${client_roots.join(", ")}`)),
  tool("test_input_required_result_request_state", {}, () =>
    Effect.gen(function*() {
      yield* ClientInput.ask({ confirm: confirmation }, { asked: "confirm" })
      const { state } = yield* CurrentClient
      return JSON.stringify(state) === "{\"asked\":\"confirm\"}" ? "state-ok" : "The state is not what it was."
    })),
  tool("test_input_required_result_tampered_state", {}, () =>
    Effect.as(ClientInput.ask({ confirm: confirmation }, { asked: "confirm" }), "The state is what it was.")),
  tool("test_input_required_result_multiple_inputs", {}, () =>
    Effect.map(
      ClientInput.ask({
        user_name: nameForm,
        greeting: ClientInput.sentence({ prompt: "Generate a greeting", maxTokens: 50 }),
        client_roots: ClientInput.roots
      }, { round: 1 }),
      (all) => JSON.stringify(all)
    )),
  tool("test_input_required_result_multi_round", {}, () =>
    Effect.gen(function*() {
      const { state } = yield* CurrentClient
      const known = Schema.decodeUnknownOption(Schema.Struct({ name: Schema.String }))(state)
      if (known._tag === "Some") {
        const { step2 } = yield* ClientInput.ask({
          step2: ClientInput.form({
            message: "Step 2: What is your favorite color?",
            properties: { color: { type: "string" } },
            required: ["color"],
            content: Schema.Struct({ color: Schema.String })
          })
        }, { name: known.value.name })
        return `${known.value.name}: ${JSON.stringify(step2)}`
      }
      const step1 = ClientInput.form({
        message: "Step 1: What is your name?",
        properties: { name: { type: "string" } },
        required: ["name"],
        content: Schema.Struct({ name: Schema.String })
      })
      const said = yield* ClientInput.ask({ step1 }, { round: 1 })
      const name = said.step1.action === "accept" ? said.step1.content.name : "nobody"
      return yield* new ClientInput.InputNeeded({
        questions: {
          step2: {
            method: "elicitation/create",
            params: {
              mode: "form",
              message: "Step 2: What is your favorite color?",
              requestedSchema: { type: "object", properties: { color: { type: "string" } }, required: ["color"] }
            }
          }
        },
        state: { name }
      })
    })),
  tool("test_input_required_result_capabilities", {}, () =>
    Effect.gen(function*() {
      const { can } = yield* CurrentClient
      const form = can.has("elicitation") ? yield* ClientInput.ask({ form: nameForm }) : {}
      const said = can.has("sampling")
        ? yield* ClientInput.ask({ said: ClientInput.sentence({ prompt: "Say something.", maxTokens: 10 }) })
        : {}
      return JSON.stringify({ ...form, ...said })
    }))
]

const about = (name: string) => ({ name, title: name, description: `What the conformance suite asks for as ${name}.` })

const text = (uri: string, mimeType: string, content: string) =>
  Resource.make({ uri, ...about(uri), mimeType, read: (at) => Effect.succeed([{ uri: at.uri, mimeType, text: content }]) })

const resources = [
  text("test://static-text", "text/plain", "This is the content of the static text resource."),
  text("test://watched-resource", "text/plain", "This is watched."),
  Resource.make({
    uri: "test://static-binary",
    ...about("static-binary"),
    mimeType: "image/png",
    read: ({ uri }) => Effect.succeed([{ uri, mimeType: "image/png", blob: png }])
  }),
  Resource.make({
    uri: "test://template/{id}/data",
    ...about("template"),
    mimeType: "application/json",
    read: ({ uri, variables: { id } }) =>
      Effect.succeed([{
        uri,
        mimeType: "application/json",
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })
      }])
  })
]

const prompts = [
  Prompt.make({
    ...about("test_simple_prompt"),
    input: {},
    messages: () => Effect.succeed([Prompt.user("This is a simple prompt for testing.")])
  }),
  Prompt.make({
    ...about("test_prompt_with_arguments"),
    input: { arg1: Schema.String, arg2: Schema.String },
    complete: { arg1: () => Effect.succeed(["test", "testing", "tested"]) },
    messages: ({ arg1, arg2 }) => Effect.succeed([Prompt.user(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)])
  }),
  Prompt.make({
    ...about("test_prompt_with_embedded_resource"),
    input: { resourceUri: Schema.String },
    messages: ({ resourceUri }) =>
      Effect.succeed<ReadonlyArray<Prompt.Message>>([
        {
          role: "user",
          content: {
            type: "resource",
            resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." }
          }
        },
        Prompt.user("Please process the embedded resource above.")
      ])
  }),
  Prompt.make({
    ...about("test_prompt_with_image"),
    input: {},
    messages: () =>
      Effect.succeed<ReadonlyArray<Prompt.Message>>([
        { role: "user", content: image },
        Prompt.user("Please analyze the image above.")
      ])
  }),
  Prompt.make({
    ...about("test_input_required_result_prompt"),
    input: {},
    messages: () =>
      Effect.map(
        ClientInput.ask({
          user_context: ClientInput.form({
            message: "What context should the prompt use?",
            properties: { context: { type: "string" } },
            required: ["context"],
            content: Schema.Struct({ context: Schema.String })
          })
        }),
        ({ user_context }) => [Prompt.user(JSON.stringify(user_context))]
      )
  })
]

export const fixtures: Served = { tools, resources, prompts }
