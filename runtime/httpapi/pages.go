package httpapi

import (
	"embed"
	"net/http"
)

//go:embed docs
var files embed.FS

// pagePolicy lets the page load its own script and style, talk to this gateway,
// and show what a tool answered, which it holds as a blob.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src blob:; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages returns the files of the page, by path below the base.
func pages() map[string]*asset {
	all := map[string]*asset{}
	for path, file := range map[string]struct{ name, mediaType string }{
		docsPath:               {"docs/index.html", "text/html; charset=utf-8"},
		docsPath + "/docs.css": {"docs/docs.css", "text/css; charset=utf-8"},
		docsPath + "/docs.js":  {"docs/docs.js", "text/javascript; charset=utf-8"},
	} {
		body, err := files.ReadFile(file.name)
		if err != nil {
			body = nil // the build embeds them; a test asks for each
		}
		all[path] = newAsset(file.mediaType, body)
	}
	return all
}

func (a *api) servePage(w http.ResponseWriter, r *http.Request, page *asset) {
	if !isRead(r.Method) {
		a.refuseMethod(w, "GET, HEAD")
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	page.serve(w, r)
}
