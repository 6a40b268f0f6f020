// Package gotype turns JSON Schemas into Go types that a person would have
// written.
//
// The rules, the same for what is sent and what is received, since the shared
// types are both:
//
//   - A property that is required is plain; one that may be left out or null is a
//     pointer, so that absent, zero and false stay apart. Slices, maps and raw
//     JSON need none: nil is absent, and an empty one is sent. Only an operation's
//     arguments that may be left out and may be null are a tool.Nullable, since
//     there the one and the other ask for different things.
//   - A definition is a type of its own name, an object or union within another
//     schema one that is named by its path. Strings of an enumeration have a type
//     with constants.
//   - Integers are int, or int64 where the format says so; numbers are float64.
//     Dates and times stay strings, as real APIs do not keep to RFC 3339 and one
//     bad date must not lose a whole response.
//   - A free-form object is a map[string]any, and any JSON a json.RawMessage. So is
//     what no Go type can say: tuples, mixed types.
//   - A union holds its JSON and reads it as any of its variants.
//   - allOf, and unions beside properties, are one struct with all the fields.
//
// Properties that are not described are not in the types: whoever needs them
// calls the tool with raw JSON.
package gotype
