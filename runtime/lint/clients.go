package lint

import (
	"bytes"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// clients says once what some clients can't take of many tools' schemas.
func (c *checker) clients() {
	refs, lists := 0, 0
	for i := range c.subjects {
		input := c.subjects[i].tool.Input
		if bytes.Contains(input, []byte(`"$ref":"`+tool.RefPrefix)) {
			refs++
		}
		if bytes.Contains(input, []byte(`"type":["`)) {
			lists++
		}
	}
	at := c.written.Root().KeyPlace("paths")
	if refs > 0 {
		c.reportDocument(info, "client-refs", at,
			"the inputs of %d tools use \"$ref\", which Gemini and Copilot Studio do not take: serve them with a profile for such a client", refs)
	}
	if lists > 0 {
		c.reportDocument(info, "client-type-lists", at,
			"the inputs of %d tools have values of several types (such as a text or null), which Gemini and Copilot Studio do not take: serve them with a profile for such a client", lists)
	}
}
