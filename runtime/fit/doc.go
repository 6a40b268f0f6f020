// Package fit tells in one pass over JSON's bytes, without building anything of
// them, that they satisfy a JSON Schema.
//
// It answers for a validator, github.com/google/jsonschema-go, which needs a
// tree and costs some fifty times as much. Its yes is the validator's yes, which
// a fuzz target asserts; its no means that the validator has to be asked. So it
// may be simple: a schema with a keyword that it does not know, or JSON that is
// written in an unusual way (a repeated member, a number with an exponent), is
// the validator's.
package fit
