package shape

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// ReadTool and ResultURI are by which what was cut can be read: a tool that takes
// a handle as its argument "id", and a resource whose URI ends with one.
const (
	ReadTool  = "bridge_read"
	ResultURI = "bridge://result/"
)

// Keep keeps a whole result of which something is about to be cut, and returns a
// handle to it, or "" if it could not be kept. Shaping asks it at most once for a
// result, and names the handle in the notice and in "_meta". What it hands over
// is what the tool's settings leave of the result: what they project away is not
// to be read by another way, and pointers in the notice are into this.
type Keep func(ctx context.Context, c *call.Call, res *call.Result) (handle string)

// rest is where what is cut can be read: kept is asked when something is cut for
// the first time. The zero value is nowhere.
type rest struct {
	keep   func(*call.Result) string
	handle string
	links  bool // the caller's protocol knows links to resources
}

// ask keeps a result.
func (k *rest) ask(res *call.Result) {
	if k.keep != nil {
		k.handle, k.keep = k.keep(res), nil
	}
}

// reserve is what of a budget naming the handle takes.
func (k *rest) reserve(budget int) int {
	if k.handle == "" {
		return 0
	}
	return min(budget/8, handleCost)
}

// handleCost is about what naming a handle costs, in tokens.
const handleCost = 32

// advice tells how to read the rest; empty if it can't be.
func (k *rest) advice() string {
	if k.handle == "" {
		return ""
	}
	return fmt.Sprintf("Read the rest with %s {\"id\":%q}", ReadTool, k.handle)
}

// link is a block that links to the whole result, for programs that follow links.
func (k *rest) link() (call.Block, bool) {
	if k.handle == "" || !k.links {
		return call.Block{}, false
	}
	raw, err := json.Marshal(struct {
		Type string `json:"type"`
		URI  string `json:"uri"`
		Name string `json:"name"`
	}{"resource_link", ResultURI + k.handle, "whole result"})
	return call.Block{Type: "resource_link", Raw: raw}, err == nil
}

// uri is the resource that the whole result is; empty if it was not kept.
func (k *rest) uri() string {
	if k.handle == "" {
		return ""
	}
	return ResultURI + k.handle
}
