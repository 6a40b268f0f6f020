package rest

import (
	"net/http"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// setHeaders sets the headers and cookies that the arguments ask for, and the
// ones of the operation.
func (p *plan) setHeaders(r *http.Request, args arguments) error {
	var cookies []byte
	for i := range p.op.Parameters {
		param, raw := &p.op.Parameters[i], args[i]
		if raw == nil {
			continue
		}
		switch param.In {
		case tool.InHeader:
			if err := setHeader(r, param, raw); err != nil {
				return err
			}
		case tool.InCookie:
			cookie, ok := cookieValue(param, raw)
			if !ok {
				return invalid("argument %q: a cookie may not have control characters or a \";\" in it", param.Arg)
			}
			if cookie != "" {
				cookies = append(append(cookies, separator(len(cookies), "; ")...), cookie...)
			}
		}
	}
	if len(cookies) > 0 {
		r.Header.Set("Cookie", string(cookies))
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", p.accept)
	}
	return nil
}

func setHeader(r *http.Request, param *tool.Parameter, raw []byte) error {
	if !tool.IsToken(param.Name) || ownHeader(param.Name) {
		return invalid("argument %q can't be sent: the header %q is the gateway's to set", param.Arg, shorten(param.Name))
	}
	text := ""
	if param.ContentType != "" {
		text = contentText(param.ContentType, raw)
	} else if v := newValue(raw); !v.undefined() {
		esc := escaping{escapeNothing, escapeNothing}
		text = string(simpleNotation.expand(nil, param.Name, v, param.Explode, esc))
	} else {
		return nil
	}
	if !validHeaderValue(text) {
		return invalid("argument %q: a header may not have line breaks or other control characters in it", param.Arg)
	}
	r.Header.Set(param.Name, text)
	return nil
}

// cookieValue writes a cookie; false where it would break out of its place.
func cookieValue(param *tool.Parameter, raw []byte) (string, bool) {
	v := newValue(raw)
	if param.ContentType != "" {
		v = value{kind: text, text: contentText(param.ContentType, raw)}
	}
	if v.undefined() {
		return "", true
	}
	esc := escaping{escapeStrict, escapeStrict}
	if param.AllowReserved {
		esc.value = escapeQuery
	}
	if param.Style == tool.CookieStyle {
		esc = escaping{escapeNothing, escapeNothing}
	}
	if param.Style == tool.CookieStyle || param.AllowReserved {
		for _, t := range v.texts() {
			if !validCookie(t) {
				return "", false
			}
		}
	}
	return string(cookieNotation.expand(nil, param.Name, v, param.Explode, esc)), true
}

// ownHeader reports whether a header is never an argument: it frames the
// message, is the connection's, or carries credentials.
func ownHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Te", "Trailer", "Upgrade",
		"Expect", "Proxy-Authorization", "Proxy-Connection", "Authorization", "Cookie", "User-Agent":
		return true
	}
	return false
}

// validHeaderValue reports whether a value stays on its line (RFC 9110, 5.5).
func validHeaderValue(v string) bool {
	for i := range len(v) {
		if c := v[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// validCookie reports whether a cookie's value can't end it (RFC 6265, 4.1.1).
func validCookie(v string) bool { return validHeaderValue(v) && strings.IndexByte(v, ';') < 0 }
