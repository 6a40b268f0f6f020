// Package cli is the bridge command line: one file a command. It wires the
// rooms of the gateway together and is the only importer of cobra and viper.
//
// A team that compiles adapters of its own into its gateway has a main of one
// line, which hands them to [Main]; MCP servers of its own, made with the Go SDK,
// go in by [Program].
//
// Results go to standard output, everything else to standard error. The exit
// code is 0 when all went well, 1 when what was asked for failed or is stale,
// and 2 when the command line, the configuration or a document is wrong.
package cli
