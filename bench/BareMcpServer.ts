/**
 * The least that an MCP server can be: the official library and answers that are there already. The tool `text` answers a
 * text as long as an answer, the tool `same` that very answer, with its output schema.
 *
 * `node bench/BareMcpServer.ts <file>` speaks over standard input and output; with `--http` it prints its port and serves
 * HTTP until standard input ends. The file holds `{"answer": …, "outputSchema": …}`.
 */
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage } from "node:http"
import { buffer } from "node:stream/consumers"
import { type CallToolResult, McpServer, type Tool, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server"
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"

const [file = "", mode] = process.argv.slice(2)
const { answer, outputSchema } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly answer: CallToolResult
  readonly outputSchema: NonNullable<Tool["outputSchema"]>
}
const text = "x".repeat(JSON.stringify(answer).length)

const server = new McpServer({ name: "bare", version: "1.0.0" }, { capabilities: { tools: {} } })
server.server.setRequestHandler("tools/list", () => ({
  tools: [{ name: "text", inputSchema: { type: "object" } }, { name: "same", inputSchema: { type: "object" }, outputSchema }]
}))
server.server.setRequestHandler("tools/call", ({ params: { name } }) => name === "same" ? answer : { content: [{ type: "text", text }] })

const requestOf = async (request: IncomingMessage): Promise<Request> => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value))
  const { method = "GET" } = request
  return new Request("http://127.0.0.1/mcp", { method, headers, ...(method === "POST" ? { body: await buffer(request) } : {}) })
}

if (mode === "--http") {
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
  await server.connect(transport)
  const http = createServer((request, response) => {
    // It has nothing to say unasked.
    if (request.method === "GET") return void response.writeHead(405).end()
    void requestOf(request).then((asked) => transport.handleRequest(asked)).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(Buffer.from(await answer.arrayBuffer()))
    })
  })
  http.listen(0, "127.0.0.1", () => {
    const bound = http.address()
    process.stdout.write(`${typeof bound === "object" && bound !== null ? bound.port : ""}\n`)
  })
  process.stdin.resume().on("end", () => {
    http.close()
    http.closeAllConnections()
  })
} else {
  await server.connect(new StdioServerTransport())
}
