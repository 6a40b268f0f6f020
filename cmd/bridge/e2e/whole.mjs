// Drives an MCP server with the official TypeScript clients through what there is
// besides tools, and prints what they saw as JSON. Its argument is a JSON object:
//   "revision": "2026-07-28" takes @modelcontextprotocol/client, pinned to it;
//               anything else @modelcontextprotocol/sdk, which negotiates
//   "transport": "http", "sse" or "stdio"; "url", or "command" and "args"
//   "steps": [{do: a method of the client, with: its parameters, until: a notice}]
// A step with "until" ends when a notice of that method has come since it began.
// The client answers all that it is asked: elicitation, sampling, roots.
const job = JSON.parse(process.argv[2]);
const modern = job.revision === "2026-07-28";
const sdk = (path) => import(`@modelcontextprotocol/sdk/${path}.js`);

const { Client } = await (modern ? import("@modelcontextprotocol/client") : sdk("client/index"));
const options = {
  capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true } },
  ...(modern ? { versionNegotiation: { mode: { pin: job.revision } } } : {}),
};
const client = new Client({ name: "e2e-whole", version: "1.0.0" }, options);

const asked = [];
const answers = {
  "elicitation/create": (params) => ({ action: "accept", content: filled(params.requestedSchema) }),
  "sampling/createMessage": () => ({ role: "assistant", model: "e2e", content: { type: "text", text: "sampled by e2e" } }),
  "roots/list": () => ({ roots: [{ uri: "file:///e2e", name: "e2e" }] }),
};

// filled fills the fields of a form that have to be filled.
function filled(schema) {
  const content = {};
  for (const name of schema?.required ?? []) {
    const field = schema.properties[name];
    content[name] = field.enum?.[0] ?? { string: "Ada", number: 7, integer: 7, boolean: true }[field.type];
  }
  return content;
}

for (const [method, answer] of Object.entries(answers)) {
  const handler = (request) => {
    asked.push(method);
    return answer(request.params ?? {});
  };
  if (modern) {
    client.setRequestHandler(method, handler);
  } else {
    const types = await sdk("types");
    const schema = {
      "elicitation/create": types.ElicitRequestSchema,
      "sampling/createMessage": types.CreateMessageRequestSchema,
      "roots/list": types.ListRootsRequestSchema,
    }[method];
    client.setRequestHandler(schema, handler);
  }
}

const notices = [];
let waiting = () => {};
client.fallbackNotificationHandler = async (notification) => {
  notices.push(notification);
  waiting();
};

async function transport() {
  const from = (name, file) => (modern ? import(`@modelcontextprotocol/client${name}`) : sdk(`client/${file}`));
  if (job.transport === "sse") return new (await from("", "sse")).SSEClientTransport(new URL(job.url));
  if (job.transport === "http") return new (await from("", "streamableHttp")).StreamableHTTPClientTransport(new URL(job.url));
  const { StdioClientTransport } = await from("/stdio", "stdio");
  return new StdioClientTransport({ command: job.command, args: job.args, env: { ...process.env, ...job.env }, stderr: "inherit" });
}

// noticed waits until a notice of the method has come, counted from a point on.
async function noticed(method, from) {
  const late = new Promise((_, reject) => setTimeout(reject, 15_000, new Error(`no ${method} came`)));
  while (!notices.slice(from).some((n) => n.method === method)) {
    await Promise.race([late, new Promise((resolve) => (waiting = resolve))]);
  }
}

await client.connect(await transport());
const results = [];
for (const step of job.steps) {
  const from = notices.length;
  const opts = { timeout: 20_000 };
  if (step.progress) {
    opts.onprogress = (params) => notices.push({ method: "progress", params });
  }
  try {
    // callTool of the older client takes a schema between parameters and options.
    const args = step.do === "callTool" && !modern ? [step.with, undefined, opts] : [step.with, opts];
    const result = await client[step.do](...args);
    if (step.until) await noticed(step.until, from);
    results.push({ result: step.do === "listen" ? {} : result ?? {} });
  } catch (error) {
    results.push({ error: String(error.message), code: error.code });
  }
}
await client.close();
process.stdout.write(JSON.stringify({ results, asked, notices }), () => process.exit(0));
