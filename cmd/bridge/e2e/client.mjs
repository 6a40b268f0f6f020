// Drives an MCP server with the official TypeScript clients and prints what they
// saw as JSON. Its argument is a JSON object:
//   "revision": "2026-07-28" takes @modelcontextprotocol/client, pinned to it;
//               anything else @modelcontextprotocol/sdk, which negotiates
//   "url", or "command", "args" and "cwd"
//   "calls": [{name, arguments}]
// Both clients check structuredContent against each tool's output schema.
const job = JSON.parse(process.argv[2]);
const modern = job.revision === "2026-07-28";

const { Client } = await import(modern ? "@modelcontextprotocol/client" : "@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = await import(
  modern ? "@modelcontextprotocol/client" : "@modelcontextprotocol/sdk/client/streamableHttp.js");
const { StdioClientTransport } = await import(
  modern ? "@modelcontextprotocol/client/stdio" : "@modelcontextprotocol/sdk/client/stdio.js");

const transport = job.url
  ? new StreamableHTTPClientTransport(new URL(job.url))
  : new StdioClientTransport({ command: job.command, args: job.args, cwd: job.cwd, stderr: "inherit" });
const options = modern ? { versionNegotiation: { mode: { pin: job.revision } } } : {};
const client = new Client({ name: "e2e-node", version: "1.0.0" }, options);
await client.connect(transport);

const { tools } = await client.listTools();
const results = [];
for (const call of job.calls) {
  try {
    results.push({ result: await client.callTool(call) });
  } catch (error) {
    results.push({ error: String(error.message), code: error.code });
  }
}
await client.close();
console.log(JSON.stringify({ server: client.getServerVersion(), tools, results }));
