package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// isStream reports whether a body is a sequence, whose beginning is of use by
// itself.
func isStream(resp *http.Response) bool {
	base := tool.BaseType(resp.Header.Get("Content-Type"))
	return base == "text/event-stream" || isLinesType(base)
}

// partialStream gives what came of a stream that went over a bound or broke,
// up to its last whole line, and says so.
func (x *exchange) partialStream(resp *http.Response, body []byte, cause error) *call.Result {
	text := toText(resp.Header.Get("Content-Type"), body)
	text = text[:strings.LastIndexByte(text, '\n')+1]
	if tool.BaseType(resp.Header.Get("Content-Type")) == "text/event-stream" {
		text = eventsText(text)
	}
	why := fmt.Sprintf("the upstream went on, or broke off, within %s", x.source.opts.Timeout)
	if errors.Is(cause, errTooLarge) {
		why = "it went over " + bytesText(x.source.opts.MaxResponse)
	}
	result := textResult(text)
	result.Content = append(result.Content, call.Text("Note: this is the beginning of the stream only: "+why+"."))
	x.source.log.Debug("a stream was cut", "call", x.call.ID, "tool", x.call.Tool.Name, "error", cause)
	return result
}

// eventsText returns the events of a stream (WHATWG HTML, 9.2.6) as lines: the
// data of each, after its name if it has one. Comments, ids and retry times are
// for the connection and left out.
func eventsText(stream string) string {
	var out, data strings.Builder
	name := ""
	flush := func() {
		if data.Len() > 0 {
			if name != "" && name != "message" {
				out.WriteString(name + ": ")
			}
			out.WriteString(data.String() + "\n")
		}
		data.Reset()
		name = ""
	}
	stream = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream)
	for line := range strings.SplitSeq(stream, "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			flush()
		case field == "event":
			name = value
		case field == "data":
			if data.Len() > 0 {
				data.WriteByte('\n')
			}
			data.WriteString(value)
		}
	}
	flush() // some upstreams leave out the last blank line
	return out.String()
}
