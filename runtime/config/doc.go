// Package config is bridge.yaml as types.
//
// [Parse] reads a file in three steps: [Default] gives every value that the
// file leaves out; a strict decode refuses unknown keys, keys that stand twice
// and values of a wrong type; and validation checks what is left. Every problem
// is reported at once, each with its file, line and column and with what to do,
// so that a file is mended in one go.
//
// Each key can also be given from outside the file, which is how environment
// variables work: [ParseWith] asks a [Lookup] for every key by its path in
// lower case ("listen", "sources.crm.credential.bearer"), whether or not the
// file has the key. Problems with such a value name where it came from.
//
// Values that may be secret are of type [Reference], which prints the
// references in it and none of its plain text. No error quotes one either.
package config
