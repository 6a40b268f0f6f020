// Package shape fits a result into a token budget.
//
// # What counts
//
// A result costs what a model may read of it: the text of text blocks and of
// embedded text resources, the JSON of all other blocks, and the JSON of the
// structured content. Each part is counted by itself, exactly, and the sum never
// exceeds the budget. What a client program reads alone ("_meta", annotations)
// is not counted. Images and audio cost what models make of them, which is an
// estimate: width × height / 750 for an image once its longer edge is at most
// 1568 pixels, 32 tokens for a second of audio at 128 kbit/s; other binary data
// counts a token for 4 bytes. Base64 is never counted as text, nor shown as such.
//
// # What is done
//
// First comes what the tool's settings ask for ([tool.Shaping]) and the caller
// ([call.Call].Fields): of each JSON document, in text blocks (line by line in
// NDJSON) and in the structured content, a jq program's output, the fields that
// are kept, and less what is dropped. What can't be done is said in a block of its
// own, and the result is then as it came; results that say what failed are never
// projected. A tool without settings has no such cost.
//
// A result that fits is returned as it is, after one count and no parsing. One
// that does not first loses what carries nothing: white space and needless
// escapes of JSON. Where the settings have a layout, arrays of objects become
// tables in the text where that takes fewer tokens, by count, array by array;
// layout.go has their grammar, by which nothing is lost but the order of keys. If
// it still does not fit, its parts share the budget: each gets as much as any
// other, and what one does not need goes to the rest.
//
// A JSON document becomes a tree. From the root on it grows in the order of what
// is worth having: keys that say what a thing is (id, name, status) before
// others, small values before large ones, shallow before deep, links and nulls
// late, each further element of an array and each further part of a long string
// worth less than the one before. The longest beginning of that order that fits
// is found by bisection and rendered, in the document's own order. It is always
// valid JSON: arrays lose their end, objects lose keys, long strings their end.
// In text a cut string ends with "…"; structured content has no marks. A long
// string of base64 is replaced by a word on its size. A document that stands both
// in a text block and in the structured content (there perhaps as {"result": …})
// is parsed once, and both show the same part of it.
//
// A table keeps its first rows, whole. If it would have fewer than three, the
// document is trimmed as JSON, which can show a part of each.
//
// NDJSON keeps its first lines, CSV its header and first rows, Markdown its
// head, other text its head and a smaller tail. Before that, and only where they do
// not fit, a page of HTML becomes Markdown (by its media type or its beginning),
// repeated lines and long stacks are folded, whatever the time before a line, and
// base64 in any text gives way to a word on its size. Binary blocks that do not fit
// become a note. Whatever was cut is said in a last text block, for the model,
// and in "_meta" under [MetaKey], for programs. Where [Options] has a keeper, the
// whole result goes to it first, and both name the handle by which any part of it
// can be read.
//
// # Output schemas
//
// MCP clients refuse structured content that does not satisfy the tool's output
// schema. So trimming keeps required keys, minItems, minProperties and minLength,
// and leaves whole what has an enum, a constant, a format or a pattern, as well as
// elements of unique arrays. Under a union it keeps what every branch that could
// hold needs; the outcome is validated, and if that was too bold, values under
// unions are kept or dropped whole. If nothing that is valid fits, the result
// becomes an error that says so. Content that broke its schema before it came
// here is mended where that is easy, and reported.
//
// # How far the promises go
//
// The order does not depend on the budget, so that a larger budget keeps all that
// a smaller one does, with three exceptions: a value that alone is larger than a
// twentieth of the budget and does not fit is passed over for what does, and may
// displace that in a larger budget (as a table with few rows may a document that
// was trimmed as JSON); token counts are not quite additive, so that at the very
// edge a step more can cost less; and shares of several blocks are refilled from
// what others leave.
//
// Documents that nest deeper than 512 levels or have more than 4 million values
// are handled as text. Numbers keep
// their spelling, repeated keys are kept in their order (a validator sees the
// last), lone surrogates stay escaped, invalid UTF-8 becomes U+FFFD.
package shape
