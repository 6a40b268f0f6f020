// Command bridge turns REST APIs and MCP servers into one MCP endpoint.
package main

import (
	"os"

	"github.com/bridge-gateway/bridge/cmd/bridge/cli"
	"github.com/bridge-gateway/bridge/generated"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], generated.Adapters()...))
}
