package rest

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// maxLink bounds a Link header that is handed on, in bytes.
const maxLink = 8 << 10

// located says in a result's "_meta" where it came from and how the list in it
// goes on, for whoever follows its pages. The URL is without its query, which may
// hold a credential.
func (x *exchange) located(resp *http.Response, result *call.Result) *call.Result {
	if s := x.call.Tool.Shaping; s == nil || s.Pages < 2 || result.IsError {
		return result
	}
	u := resp.Request.URL
	meta := map[string]json.RawMessage{call.MetaURL: quote(u.Scheme + "://" + u.Host + u.EscapedPath())}
	if link := strings.Join(resp.Header.Values("Link"), ", "); link != "" && len(link) <= maxLink {
		meta[call.MetaLink] = quote(link)
	}
	result.Meta = meta
	return result
}
