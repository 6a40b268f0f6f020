// The page that shows the tools of /openapi.json and tries them. All that comes
// from tools is written as text, never as markup.
"use strict";

const $ = (id) => document.getElementById(id);
const MAX_SHOWN = 1 << 20; // characters of an answer
const MAX_DEPTH = 6; // of an example, as schemas may refer to themselves
const FULL = "application/vnd.bridge.result+json";

let api = null; // the document
let base = ""; // what the operations' paths stand below
let current = null; // the tool that is shown
let running = null; // what stops the call that is under way
let shownURL = ""; // the object URL of the bytes that are shown

function element(name, text, properties) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  return Object.assign(e, properties);
}

// ---- the document

function toolsOf(doc) {
  return Object.entries(doc.paths).map(([path, item]) => ({
    path, op: item.post, name: item.post.operationId,
    title: item.post.summary || "", source: (item.post.tags || [""])[0],
    words: [item.post.operationId, item.post.summary, item.post.description].join("\n").toLowerCase(),
  }));
}

// resolve follows references to what they stand for, a few at most.
function resolve(schema) {
  for (let hops = 0; schema && typeof schema === "object" && typeof schema.$ref === "string" && hops < 16; hops++) {
    const { $ref, ...beside } = schema;
    if (!$ref.startsWith("#")) return beside;
    let target = api;
    for (const step of decodeURIComponent($ref.slice(1)).split("/").slice(1)) {
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      target = target && Object.hasOwn(Object(target), key) ? target[key] : undefined;
    }
    schema = { ...Object(target), ...beside };
  }
  return schema && typeof schema === "object" ? schema : {};
}

const inputOf = (tool) => tool.op.requestBody?.content["application/json"].schema;
const outputOf = (tool) => tool.op.responses["200"].content["application/json"]?.schema;

function typeOf(schema, depth = 0) {
  schema = resolve(schema);
  if (depth > 3) return "…";
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const either = schema.anyOf || schema.oneOf;
  if (either) return [...new Set(either.map((s) => typeOf(s, depth + 1)))].join(" | ");
  const type = [].concat(schema.type || []).join(" | ") || "any";
  const format = schema.format ? ` (${schema.format})` : "";
  return type === "array" && schema.items ? `array of ${typeOf(schema.items, depth + 1)}` : type + format;
}

// example makes a value that fits a schema, as far as that can be seen from it,
// with what is required and nothing else.
function example(schema, depth = 0) {
  schema = resolve(schema);
  if ("default" in schema) return schema.default;
  if ("example" in schema) return schema.example;
  if (Array.isArray(schema.examples) && schema.examples.length) return schema.examples[0];
  if ("const" in schema) return schema.const;
  if (schema.enum?.length) return schema.enum[0];
  const either = schema.anyOf || schema.oneOf || schema.allOf;
  if (either?.length) return depth < MAX_DEPTH ? example(either[0], depth + 1) : null;
  switch ([].concat(schema.type || (schema.properties ? "object" : "null"))[0]) {
    case "object": return exampleObject(schema, depth);
    case "array": return depth < MAX_DEPTH && schema.items && schema.minItems ? [example(schema.items, depth + 1)] : [];
    case "integer": return Math.ceil(schema.minimum ?? 1);
    case "number": return schema.minimum ?? 1;
    case "boolean": return false;
    case "string": return exampleText(schema);
    default: return null;
  }
}

function exampleObject(schema, depth) {
  const value = Object.create(null);
  if (depth >= MAX_DEPTH) return value;
  for (const [key, property] of Object.entries(schema.properties || {})) {
    if (schema.required?.includes(key)) value[key] = example(property, depth + 1);
  }
  return value;
}

function exampleText(schema) {
  const byFormat = {
    date: "2026-01-31", "date-time": "2026-01-31T12:00:00Z", email: "ada@example.com",
    uri: "https://example.com/", uuid: "00000000-0000-4000-8000-000000000000",
  };
  return byFormat[schema.format] ?? "x".repeat(Math.min(schema.minLength ?? 0, 64));
}

// ---- the list

function fillList(tools) {
  const bySource = Map.groupBy ? Map.groupBy(tools, (t) => t.source) : group(tools);
  for (const [source, members] of bySource) {
    const section = element("section");
    section.append(element("h2", source || "Tools"));
    const list = element("ul");
    for (const tool of members) {
      const link = element("a", tool.name, { href: "#/" + encodeURIComponent(tool.name), title: tool.title });
      tool.item = element("li");
      tool.link = link;
      tool.item.append(link);
      list.append(tool.item);
    }
    section.append(list);
    section.members = members;
    $("list").append(section);
  }
}

function group(tools) {
  const map = new Map();
  for (const t of tools) map.set(t.source, [...(map.get(t.source) || []), t]);
  return map;
}

function search(tools) {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const tool of tools) {
    tool.item.hidden = !words.every((w) => tool.words.includes(w));
    if (!tool.item.hidden) found++;
  }
  for (const section of $("list").children) section.hidden = section.members.every((t) => t.item.hidden);
  $("count").textContent = words.length ? `${found} of ${tools.length} tools` : `${tools.length} tools`;
}

// ---- one tool

function show(tool, focus) {
  stop();
  current?.link.removeAttribute("aria-current");
  current = tool;
  tool.link.setAttribute("aria-current", "page");
  document.title = tool.name;
  $("note").hidden = true;
  $("detail").hidden = false;
  $("answer").hidden = true;
  $("said").textContent = "";
  $("name").textContent = tool.name;
  $("about").textContent = [tool.title, tool.source].filter(Boolean).join(" · ");
  $("description").textContent = tool.op.description || "";
  showHints(tool.op["x-mcp"]);
  const input = inputOf(tool);
  showArguments(input);
  $("body").value = JSON.stringify(input ? example(input) : {}, null, 2);
  $("input-schema").textContent = JSON.stringify(input ?? {}, null, 2);
  const output = outputOf(tool);
  $("output-part").hidden = !output;
  $("output-schema").textContent = JSON.stringify(output, null, 2);
  tool.link.scrollIntoView({ block: "nearest" });
  if (focus) $("tool").focus();
}

function showHints(hints) {
  const list = hints.readOnlyHint ? [["reads only"]]
    : [["changes things"], hints.destructiveHint && ["may destroy", "warn"], hints.idempotentHint && ["safe to repeat"]];
  if (hints.openWorldHint) list.push(["reaches the outside world"]);
  $("hints").replaceChildren(...list.filter(Boolean).map(([text, kind]) => element("li", text, { className: kind || "" })));
}

function showArguments(input) {
  const schema = resolve(input);
  const rows = Object.entries(schema.properties || {}).map(([key, property]) => {
    const row = element("tr");
    const required = schema.required?.includes(key) ? "\nrequired" : "";
    row.append(element("td", key), element("td", typeOf(property)), element("td", (resolve(property).description || "") + required));
    return row;
  });
  $("arguments").tBodies[0].replaceChildren(...rows);
  $("arguments").hidden = rows.length === 0;
  $("no-arguments").hidden = rows.length > 0;
}

// ---- calling

const urlOf = (tool) => base + tool.path + ($("full").checked ? "?full=true" : "");

async function send(event) {
  event.preventDefault();
  try {
    JSON.parse($("body").value || "{}");
  } catch (error) {
    $("said").textContent = "The arguments are no JSON: " + error.message;
    $("body").focus();
    return;
  }
  stop();
  const call = running = new AbortController();
  $("send").disabled = true;
  $("stop").disabled = false;
  $("said").textContent = "Calling…";
  const started = performance.now();
  try {
    const headers = { "Content-Type": "application/json" };
    if ($("authorization").value) headers.Authorization = $("authorization").value;
    const response = await fetch(urlOf(current), { method: "POST", headers, body: $("body").value || "{}", signal: call.signal, cache: "no-store" });
    const blob = await response.blob();
    if (running === call) await showAnswer(response, blob, performance.now() - started);
  } catch (error) {
    if (running === call) $("said").textContent = "The call failed: " + error.message;
  } finally {
    if (running === call) ended();
  }
}

function stop() {
  if (!running) return;
  running.abort();
  ended();
  $("said").textContent = "Stopped.";
}

function ended() {
  running = null;
  $("send").disabled = false;
  $("stop").disabled = true;
}

async function showAnswer(response, blob, took) {
  const type = response.headers.get("Content-Type") || "";
  $("said").textContent = "";
  $("answer").hidden = false;
  $("status").textContent = `${response.status} ${response.statusText}, ${Math.round(took)} ms, ${blob.size} bytes`;
  $("status").className = response.ok ? "" : "failed";
  const told = ["Content-Type", "Bridge-Call-Id", "Bridge-Trimmed", "Bridge-Tokens-Before", "Bridge-Tokens-After"];
  $("headers").textContent = told.filter((n) => response.headers.has(n)).map((n) => `${n}: ${response.headers.get(n)}`).join(" · ");
  const text = /json|^text\//.test(type);
  $("output").hidden = !text;
  $("output").textContent = text ? readable(await blob.text(), type) : "";
  showMedia(text ? null : blob, type);
  $("status").focus();
}

function readable(text, type) {
  if (type.includes("json") && text.length <= MAX_SHOWN) {
    try {
      text = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // shown as it came
    }
  }
  return text.length > MAX_SHOWN ? text.slice(0, MAX_SHOWN) + "\n… " + (text.length - MAX_SHOWN) + " characters more" : text;
}

// showMedia shows pictures that can do nothing but be seen, and offers all other
// bytes as a file.
function showMedia(blob, type) {
  if (shownURL) URL.revokeObjectURL(shownURL);
  shownURL = "";
  $("media").replaceChildren();
  if (!blob || !blob.size) return;
  shownURL = URL.createObjectURL(new Blob([blob], { type: /^(image\/(png|jpeg|gif|webp)|audio\/)/.test(type) ? type : "application/octet-stream" }));
  if (/^image\/(png|jpeg|gif|webp)/.test(type)) $("media").append(element("img", undefined, { src: shownURL, alt: "The picture that the tool answered with" }));
  if (type.startsWith("audio/")) $("media").append(element("audio", undefined, { src: shownURL, controls: true }));
  $("media").append(element("a", "Save the answer", { href: shownURL, download: current.name }));
}

const quote = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

async function copyCurl() {
  let body = $("body").value || "{}";
  try {
    body = JSON.stringify(JSON.parse(body));
  } catch {
    // copied as it is
  }
  const lines = ["curl -X POST " + quote(new URL(urlOf(current), location.href).href), "-H 'Content-Type: application/json'"];
  if ($("full").checked) lines.push("-H " + quote("Accept: " + FULL));
  if ($("authorization").value) lines.push('-H "Authorization: Bearer $TOKEN"');
  lines.push("--data-raw " + quote(body));
  const command = lines.join(" \\\n  ");
  try {
    await navigator.clipboard.writeText(command);
    $("said").textContent = "Copied.";
  } catch { // a page that did not come by HTTPS or from this machine may not
    $("answer").hidden = false;
    $("status").textContent = "As curl";
    $("headers").textContent = "";
    $("output").hidden = false;
    $("output").textContent = command;
    $("media").replaceChildren();
  }
}

// ---- the page

async function start() {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  api = await response.json();
  base = api.servers[0].url.replace(/\/$/, "");
  $("title").textContent = `${api.info.title} ${api.info.version}`;
  const tools = toolsOf(api);
  fillList(tools);
  search(tools);
  $("note").textContent = tools.length ? "Choose a tool." : "There are no tools yet. Reload the page when a source is ready.";
  const follow = (focus) => {
    let name = location.hash.slice(2); // behind "#/"
    try { name = decodeURIComponent(name); } catch { /* it names no tool then */ }
    const tool = tools.find((t) => t.name === name);
    if (tool) show(tool, focus);
  };
  addEventListener("hashchange", () => follow(true));
  $("search").addEventListener("input", () => search(tools));
  $("form").addEventListener("submit", send);
  $("stop").addEventListener("click", stop);
  $("curl").addEventListener("click", copyCurl);
  addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    e.preventDefault();
    $("search").focus();
  });
  follow(false);
}

start().catch((error) => { $("note").textContent = "The tools could not be loaded: " + error.message; });
