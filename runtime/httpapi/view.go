package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxShownName bounds, in bytes, what of a name from outside is shown.
const maxShownName = 128

// maxViews bounds the views that are kept: callers who see different tools have
// different ones.
const maxViews = 8

// views holds the views that were asked for lately, the latest first.
type views struct {
	mu   sync.Mutex
	kept []*view
}

// view is what some callers see: tools, and what is written of them once it is
// asked for.
type view struct {
	version string
	base    string
	about   about
	tools   []Tool
	byName  map[string]int
	log     *slog.Logger

	list, doc func() *asset
}

// about is what the document says of itself.
type about struct{ title, version string }

// view returns the view of the caller behind ctx.
func (a *api) view(ctx context.Context) *view {
	version := a.opts.Version(ctx)
	a.views.mu.Lock()
	defer a.views.mu.Unlock()
	kept := a.views.kept
	i := slices.IndexFunc(kept, func(v *view) bool { return v.version == version })
	if i < 0 {
		v := a.newView(version, a.opts.Tools(ctx))
		a.views.kept = slices.Insert(kept, 0, v)[:min(len(kept)+1, maxViews)]
		return v
	}
	v := kept[i]
	copy(kept[1:i+1], kept[:i])
	kept[0] = v
	return v
}

func (a *api) newView(version string, tools []Tool) *view {
	v := &view{
		version: version, base: a.base, about: about{a.opts.Title, a.opts.GatewayVersion},
		tools: tools, byName: make(map[string]int, len(tools)), log: a.log,
	}
	for i, t := range tools {
		v.byName[t.Name] = i
	}
	v.list = sync.OnceValue(func() *asset { return newAsset("application/json", v.writeList()) })
	v.doc = sync.OnceValue(func() *asset { return newAsset("application/json", v.writeDocument()) })
	return v
}

func (v *view) listing() *asset  { return v.list() }
func (v *view) document() *asset { return v.doc() }

// listed is a tool as the list has it.
type listed struct {
	Name        string `json:"name"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Source      string `json:"source,omitempty"`
	Href        string `json:"href"`
}

// defined is one tool's definition, with MCP's names of its members.
type defined struct {
	listed
	Input       json.RawMessage  `json:"inputSchema"`
	Output      json.RawMessage  `json:"outputSchema,omitempty"`
	Annotations tool.Annotations `json:"annotations"`
}

func (v *view) listed(t *Tool) listed {
	return listed{t.Name, t.Title, t.Description, t.Source, v.base + toolPath(t.Name)}
}

// toolPath returns where a tool stands, below the base.
func toolPath(name string) string { return toolsPath + "/" + url.PathEscape(name) }

func (v *view) writeList() []byte {
	list := make([]listed, len(v.tools))
	for i := range v.tools {
		list[i] = v.listed(&v.tools[i])
	}
	return encode(map[string]any{"tools": list})
}

// definition returns a tool's definition. The error, of kind NotFound, says which
// name was most likely meant.
func (v *view) definition(name string) (*asset, error) {
	if i, ok := v.byName[name]; ok {
		t := &v.tools[i]
		return newAsset("application/json", encode(defined{v.listed(t), t.Input, t.Output, t.Annotations})), nil
	}
	names := make([]string, len(v.tools))
	for i := range v.tools {
		names[i] = v.tools[i].Name
	}
	hint := "GET " + v.base + toolsPath + " lists the tools"
	if near := fault.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return nil, fault.New("httpapi.definition", fault.NotFound, fmt.Sprintf("there is no tool %q; %s", fault.Clip(name, maxShownName), hint))
}

// encode returns a value as JSON, without a newline at its end, and with "<", ">"
// and "&" as they are: it is never part of a page. Values are made of text and
// of JSON that was checked, so there is nothing to fail.
func encode(value any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value)
	return bytes.ToValidUTF8(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("\ufffd"))
}
