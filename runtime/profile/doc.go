// Package profile adapts the definitions that clients are shown to what they
// accept. It changes what is shown and nothing else: arguments are checked by
// the schema of the tool's source, and requests are made of its operation.
//
// Clients fail on schemas in different ways. Gemini takes no "$ref", no list of
// types and no "const"; Copilot Studio neither "$ref" nor lists of types;
// OpenAI's structured outputs know "anyOf" but not "oneOf" or "allOf"; Cursor
// drops tools whose name and server's name together are longer than 60
// characters; OpenAI takes no more than 1024 characters of description. Boolean
// subschemas, arrays without "items" and combinators at the root, of which each
// makes some client drop every tool, never come out of any profile but
// [Anthropic], which keeps the schemas as they are (lowering makes none either).
//
// [Default] is the common denominator, within reason. It writes what may be null
// as "anyOf" with {"type": "null"}, the form that most MCP servers emit and so
// the one that clients are tested with, and "const" as an "enum" of one. It
// writes out what "$ref" refers to where that is used once, is short, or costs
// at most a quarter more than sharing; only beyond that, and for definitions
// that lead to themselves, "$defs" stay, because writing out everything takes
// ten times the tokens in large documents. [Gemini] has no "$ref" at all: what
// does not fit a bound is cut at a depth and said in words. [Cursor] is the
// default, since Cursor hands tools to models of every maker. [OpenAI] does not
// make every argument required, as strict mode would: MCP tools are not called
// strictly.
//
// Two rules hold in every profile. What the tool's schema allows, the adapted
// one allows: keywords are dropped or loosened, never added, so that no client
// refuses what the tool would take, or a result that the tool may give. (The one
// exception is an argument of Gemini's that may be null or anything: a type must
// stand there, so null, and lists of other things than texts, are left to words.)
// And what is dropped and matters to a model is said in the description.
//
// In outputs, where anything may be null, [Default] and [Gemini] drop a list of
// types instead of writing it as alternatives, which would make the definitions
// of a large document half as long again; names and descriptions stay.
//
// What the definitions of all tools cost, in tokens of o200k_base with outputs:
//
//	document       tools    as is   default    openai    gemini
//	Stripe           594  811,052   748,822   825,138   698,286
//	GitHub           767  829,983   569,647   819,983   510,689
//	OpenAI           288  659,424   553,659   656,281   323,909
//	Argo CD          106  361,838   305,957   362,027   186,825
//	Spotify           97  144,860   124,168   144,250    99,947
//	Xero payroll      32   57,721    45,740    57,748    41,684
//
// "anthropic" costs what the schemas cost as they are, "cursor" what the default
// does.
package profile
