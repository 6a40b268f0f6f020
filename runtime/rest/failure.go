package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// maxErrorText bounds, in bytes, what of an error response is passed on.
const maxErrorText = 4000

// unreachable makes a result of a request that came to nothing. The cause goes
// to the log, as it may name addresses inside.
func (x *exchange) unreachable(ctx context.Context, err error) (*call.Result, error) {
	var own *fault.Error
	if errors.As(err, &own) {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	x.source.log.WarnContext(ctx, "the upstream could not be reached", "call", x.call.ID, "tool", x.call.Tool.Name, "error", err)
	return call.Failure(fmt.Sprintf("%s: %s", x.operation(), x.why(err))), nil
}

// why says in one sentence what kept a response from coming, and what to do.
func (x *exchange) why(err error) string {
	source := fmt.Sprintf("the upstream of source %q", x.source.opts.Name)
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		record  tls.RecordHeaderError
		network net.Error
		op      *net.OpError
	)
	again := "; try again later"
	if !x.call.Tool.Annotations.ReadOnly {
		again = "; it may have been carried out all the same, so check before you try again"
	}
	switch {
	case errors.Is(err, errTooLarge):
		return x.tooLarge(-1)
	case errors.As(err, &dns):
		return "the host name of " + source + " can't be resolved; check its `url:` in bridge.yaml"
	case errors.Is(err, syscall.ECONNREFUSED):
		return source + " refused the connection; check that it runs, and its `url:` in bridge.yaml"
	case errors.As(err, &cert), errors.As(err, &unknown), errors.As(err, &record):
		return "no trusted TLS connection to " + source + " can be made; check its certificate, and its `url:` in bridge.yaml"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Sprintf("%s did not answer within %s%s", source, x.source.opts.Timeout, again)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return source + " broke the connection before its response was whole" + again
	case errors.As(err, &op) && op.Op == "dial":
		return source + " can't be reached; check the network, and its `url:` in bridge.yaml"
	default:
		return source + " answered with something that can't be read as HTTP; check its `url:` in bridge.yaml"
	}
}

// operation names the operation as the document has it: no argument, and so no
// secret, is in it.
func (x *exchange) operation() string { return x.plan.op.Method + " " + x.plan.op.Path }

// statusLine is the first line of what a status tells a model.
func (x *exchange) statusLine(resp *http.Response) string {
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))) + " from " + x.operation()
}

// tooLarge says how large a response is and how to ask for less. The size is
// negative where the upstream did not tell.
func (x *exchange) tooLarge(size int64) string {
	how := "ask for less at a time"
	if args := x.narrowing(); len(args) > 0 {
		how = "ask for less with " + strings.Join(args, ", ")
	}
	limit := bytesText(x.source.opts.MaxResponse)
	if size > 0 {
		return fmt.Sprintf("the response is %s, more than the %s that source %q may answer; %s", bytesText(size), limit, x.source.opts.Name, how)
	}
	return fmt.Sprintf("the response is more than the %s that source %q may answer; %s", limit, x.source.opts.Name, how)
}

// narrowing returns the arguments by which a response is usually made smaller.
func (x *exchange) narrowing() []string {
	var found []string
	for _, arg := range x.plan.args {
		switch strings.ReplaceAll(strings.ToLower(arg), "_", "") {
		case "limit", "pagesize", "perpage", "size", "count", "top", "maxresults", "page", "offset", "cursor",
			"fields", "select", "filter", "q", "query", "since", "before", "after", "first", "last":
			found = append(found, fmt.Sprintf("%q", arg))
		}
	}
	return found
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', -1, 32) + " MB"
	case n >= 1<<10:
		return strconv.FormatInt(n>>10, 10) + " kB"
	default:
		return strconv.FormatInt(n, 10) + " bytes"
	}
}

// redirected says where a redirect pointed that is not followed. The query is
// left out: it may hold a credential.
func (x *exchange) redirected(resp *http.Response) *call.Result {
	where := "nowhere"
	if u, err := resp.Request.URL.Parse(resp.Header.Get("Location")); err == nil && resp.Header.Get("Location") != "" {
		where = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	return call.Failure(x.redact(fmt.Sprintf(
		"%s: it points to %s, which is not followed, so that no credential goes to another place and nothing is sent twice; if that is where the API lives, set `url:` of source %q to it",
		x.statusLine(resp), shorten(where), x.source.opts.Name)))
}

// refused makes a result of a response of 4xx, 5xx or no known meaning.
func (x *exchange) refused(resp *http.Response, body []byte) *call.Result {
	lines := []string{x.statusLine(resp)}
	if detail := detailOf(resp.Header.Get("Content-Type"), body); detail != "" {
		lines = append(lines, fault.Clip(x.redact(detail), maxErrorText)) // a secret that is cut in two would not be found
	}
	if hint := x.hint(resp); hint != "" {
		lines = append(lines, hint)
	}
	x.source.log.Debug("the upstream refused", "call", x.call.ID, "tool", x.call.Tool.Name, "status", resp.StatusCode)
	failed := call.Failure(x.redact(strings.Join(lines, "\n")))
	failed.Fault = faultOf(resp.StatusCode)
	return failed
}

// faultOf says what kind of failure a status is to the caller. What concerns the
// gateway's own credential, and all else, is the upstream's.
func faultOf(status int) fault.Kind {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return fault.Invalid
	case http.StatusNotFound, http.StatusGone:
		return fault.NotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return fault.Conflict
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	case http.StatusTooManyRequests:
		return fault.RateLimited
	}
	return fault.Upstream
}

// redact takes the call's credentials and the source's headers, as they were
// sent, out of a text that the upstream made of a failure.
func (x *exchange) redact(s string) string {
	const least = 6 // shorter ones would tear words apart
	secrets := x.sent()
	for _, h := range x.source.opts.Headers {
		secrets = append(secrets, x.headers.Get(h.Name))
	}
	for _, secret := range secrets {
		if len(secret) >= least {
			s = strings.ReplaceAll(s, secret, "[redacted]")
		}
	}
	return s
}

// withoutSecrets takes credentials and secret headers out of what the upstream
// answered: some send back what they were sent, and none may get to a caller. Short
// ones stay, as they may be words of the answer itself.
func (x *exchange) withoutSecrets(data []byte) []byte {
	const least = 16
	secrets := x.sent()
	for _, h := range x.source.opts.Headers {
		if h.Secret {
			secrets = append(secrets, x.headers.Get(h.Name))
		}
	}
	for _, secret := range secrets {
		if len(secret) >= least && bytes.Contains(data, []byte(secret)) {
			data = bytes.ReplaceAll(data, []byte(secret), []byte("[redacted]"))
		}
	}
	return data
}

// sent returns the credentials that went with the request.
func (x *exchange) sent() []string {
	secrets := slices.Clone(x.secrets)
	for _, c := range x.call.Credentials {
		secrets = append(secrets, c.Value, c.Value[strings.LastIndexByte(c.Value, ' ')+1:])
	}
	return secrets
}

// hint says what a model, or who runs the gateway, can do about a status.
func (x *exchange) hint(resp *http.Response) string {
	name := x.source.opts.Name
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Sprintf("The gateway's credential for source %q was refused; check its `credential:` in bridge.yaml.", name)
	case status == http.StatusNotFound:
		return "Nothing is there: check the arguments that name it, e.g. by listing first."
	case status == http.StatusConflict:
		return "It is in conflict with the present state: read that, then try again."
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return "The upstream did not accept the arguments: mend them as it says, then try again."
	case status == http.StatusTooManyRequests:
		if wait := resp.Header.Get("Retry-After"); wait != "" {
			if _, err := strconv.Atoi(wait); err == nil {
				wait += " s"
			}
			return "Too many calls: wait (Retry-After: " + shorten(wait) + "), then try again."
		}
		return "Too many calls: wait, then try again."
	case status >= http.StatusInternalServerError:
		if x.call.Tool.Annotations.ReadOnly {
			return "The upstream failed: try again later."
		}
		return "The upstream failed: check what was carried out before you try again."
	}
	return ""
}

// detailOf returns the useful part of an error's body.
func detailOf(mediaType string, body []byte) string {
	text := toText(mediaType, body)
	trimmed := strings.TrimSpace(text)
	if json.Valid([]byte(trimmed)) && trimmed != "" {
		return jsonDetail([]byte(trimmed))
	}
	if isHTML(mediaType, trimmed) {
		return htmlText(trimmed)
	}
	return trimmed
}

// jsonDetail puts the members of a problem (RFC 9457, 3.1) into words, what it
// has besides them as JSON; other JSON stays as it is.
func jsonDetail(raw []byte) string {
	if kindOf(raw) != object {
		return string(compactJSON(raw))
	}
	var words []string
	var others []member
	for _, m := range readObject(raw) {
		switch {
		case (m.key == "title" || m.key == "detail") && kindOf(m.value) == text:
			words = append(words, unquote(m.value))
		case m.key == "status" || m.key == "type" && strings.HasSuffix(string(m.value), `about:blank"`):
		default:
			others = append(others, m)
		}
	}
	if len(words) == 0 {
		return string(compactJSON(raw))
	}
	detail := strings.Join(words, ": ")
	if len(others) > 0 {
		detail += "\n" + string(compactJSON(joinObject(others)))
	}
	return detail
}
