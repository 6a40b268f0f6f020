package mock

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// problem is a failure as it is answered (RFC 9457).
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []wrong `json:"errors,omitempty"`

	header http.Header
}

// wrong is one value of a request that is not as it should be.
type wrong struct {
	In      string `json:"in"`    // path, query, header, cookie or body
	Field   string `json:"field"` // the name on the wire, "a.b" or "a[0]" for inner values
	Message string `json:"message"`
}

// Error makes a problem an error, so that it can be returned as one.
func (p *problem) Error() string { return p.Title + ": " + p.Detail }

func newProblem(status int, format string, args ...any) *problem {
	title := http.StatusText(status)
	if title == "" {
		title = "Error"
	}
	return &problem{Type: "about:blank", Title: title, Status: status, Detail: fmt.Sprintf(format, args...), header: http.Header{}}
}

// invalid is the problem of a request with wrong values.
func invalid(status int, errs []wrong) *problem {
	p := newProblem(status, "%s: %s", errs[0].Field, errs[0].Message)
	if len(errs) > 1 {
		p.Detail = fmt.Sprintf("%d values are wrong; errors names each", len(errs))
	}
	p.Errors = errs
	return p
}

func (p *problem) answer() *answer {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{}`)
	}
	return &answer{status: p.Status, header: p.header, mediaType: "application/problem+json", body: append(body, '\n')}
}
