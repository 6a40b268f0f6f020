package cli

import (
	"context"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/remainder"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// adhoc are the flags for sources that are named on the command line instead of
// in a configuration.
type adhoc struct {
	name, url, bearer string
	headers, overlays []string
}

func (f *adhoc) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "name", "", "name of the source, which its tools' names begin with (default: from the document or command)")
	cmd.Flags().StringVar(&f.url, "url", "", "base URL of the API, instead of the document's servers")
	cmd.Flags().StringVar(&f.bearer, "bearer", "", "bearer token for the API or server, e.g. '${env:TOKEN}'")
	cmd.Flags().StringArrayVarP(&f.headers, "header", "H", nil, "header for the API or server, as 'Name: value'; may be repeated")
	overlayFlag(cmd, &f.overlays)
}

// overlayFlag is --overlay, the same for every command that reads documents.
func overlayFlag(cmd *cobra.Command, into *[]string) {
	cmd.Flags().StringArrayVar(into, "overlay", nil, "OpenAPI Overlay (file or URL) to apply to the document first; may be repeated")
}

// given returns the flags that say something of a source, of those that were
// given.
func (f *adhoc) given() []string {
	var flags []string
	for _, flag := range []struct {
		name  string
		given bool
	}{
		{"--name", f.name != ""}, {"--url", f.url != ""}, {"--bearer", f.bearer != ""},
		{"--header", len(f.headers) > 0}, {"--overlay", len(f.overlays) > 0},
	} {
		if flag.given {
			flags = append(flags, flag.name)
		}
	}
	return flags
}

// unused is the error of flags that only say something of a source on the
// command line, where there is none.
func (f *adhoc) unused() error {
	if flags := f.given(); len(flags) > 0 {
		return fmt.Errorf("what %s says is for a source on the command line; for a source of bridge.yaml, write it there", strings.Join(flags, ", "))
	}
	return nil
}

// unusedByCommand is [adhoc.unused] of a command alone, which has but a name.
func (f *adhoc) unusedByCommand() error {
	of := *f
	of.name = ""
	if flags := of.given(); len(flags) > 0 {
		return fmt.Errorf("what %s says is for a document or URL; a command takes such as its own arguments, or by env of its source in bridge.yaml", strings.Join(flags, ", "))
	}
	return nil
}

// reachable is the folder that a document's references may reach: the module, or
// else the working folder, that it is in.
func reachable() string {
	if module, err := findModule("."); err == nil {
		return module.root
	}
	return "."
}

// sources returns a source for each document or URL, or one for a command.
func (f *adhoc) sources(ctx context.Context, locations, command []string) ([]config.Source, error) {
	if f.name != "" && len(locations) > 1 {
		return nil, fmt.Errorf("--name is for one source, not %d", len(locations))
	}
	if len(f.overlays) > 0 && len(locations) > 1 {
		return nil, fmt.Errorf("--overlay is for one document, not %d; give each its own under overlays in bridge.yaml", len(locations))
	}
	if len(locations) == 0 {
		if err := f.unusedByCommand(); err != nil {
			return nil, err
		}
	}
	headers, err := parseHeaders(f.headers)
	if err != nil {
		return nil, err
	}
	var sources []config.Source
	if len(command) > 0 {
		sources = append(sources, config.Source{Name: sourceName(commandTitle(command)), Command: command})
	}
	for _, location := range locations {
		s := config.Source{Name: sourceName(location), OpenAPI: location, Overlays: f.overlays, URL: f.url}
		if openapi.IsURL(location) && !looksLikeDocument(ctx, location) {
			s.OpenAPI, s.URL, s.MCP = "", "", location
		}
		sources = append(sources, s)
	}
	for i := range sources {
		if f.name != "" {
			sources[i].Name = f.name
		}
		f.authorize(&sources[i], headers)
	}
	return sources, nil
}

// authorize gives the source its headers and credential.
func (f *adhoc) authorize(s *config.Source, headers map[string]config.Reference) {
	if len(s.Command) > 0 {
		return
	}
	s.Headers = headers
	switch {
	case f.bearer == "":
	case s.MCP != "":
		if s.Headers == nil {
			s.Headers = map[string]config.Reference{}
		}
		s.Headers["Authorization"] = config.Reference("Bearer " + f.bearer)
	default:
		s.Credential = &config.Credential{Bearer: config.Reference(f.bearer)}
	}
}

func parseHeaders(lines []string) (map[string]config.Reference, error) {
	headers := map[string]config.Reference{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, fmt.Errorf("--header takes 'Name: value'; what was given has no name before a colon")
		}
		headers[strings.TrimSpace(name)] = config.Reference(strings.TrimSpace(value))
	}
	return headers, nil
}

// probeTimeout bounds the look at a URL that may be a document or an MCP server.
const probeTimeout = 5 * time.Second

// looksLikeDocument reports whether a URL is that of an OpenAPI document rather
// than of an MCP server. The path tells for most; else a GET does, which MCP
// servers refuse or answer with an event stream (2025-11-25, basic/transports).
func looksLikeDocument(ctx context.Context, location string) bool {
	u, err := url.Parse(location)
	if err != nil {
		return true // loading it says what is wrong
	}
	switch path.Ext(u.Path) {
	case ".json", ".yaml", ".yml":
		return true
	}
	switch path.Base(u.Path) {
	case "mcp", "sse":
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return true
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return true
	}
	defer res.Body.Close()
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return res.StatusCode < http.StatusBadRequest && kind != "text/event-stream"
}

// commandTitle returns the word of a command that best names the server: the
// last that is no flag.
func commandTitle(command []string) string {
	title := command[0]
	for _, word := range command[1:] {
		if !strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "/") && !strings.HasPrefix(word, ".") {
			title = word
		}
	}
	title = path.Base(filepath.ToSlash(title))
	title, _, _ = strings.Cut(title, "@")
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(title, "mcp-server-"), "server-"), "-mcp")
}

// hostTitle returns the label of a host that best names it: "acme" for
// api.acme.com.
func hostTitle(host string) string {
	if net.ParseIP(host) != nil || host == "localhost" {
		return "local"
	}
	for _, word := range []string{"www.", "api.", "mcp."} {
		host = strings.TrimPrefix(host, word)
	}
	title, _, _ := strings.Cut(host, ".")
	return title
}

var notSourceName = regexp.MustCompile(`[^a-z0-9_]+`)

// sourceName makes a source's name of a file, a URL or a word: "specs/CRM.yaml"
// gives "crm".
func sourceName(location string) string {
	base := path.Base(filepath.ToSlash(location))
	if u, err := url.Parse(location); err == nil && openapi.IsURL(location) {
		base = path.Base(u.Path)
		switch strings.TrimSuffix(base, path.Ext(base)) {
		case "", "/", "mcp", "sse", "openapi", "swagger":
			base = hostTitle(u.Hostname())
		}
	}
	base = strings.TrimSuffix(base, path.Ext(base))
	name := strings.Trim(notSourceName.ReplaceAllString(tool.SnakeName(base), "_"), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' || name == remainder.Name { // that is the gateway's own
		name = strings.TrimSuffix("api_"+name, "_")
	}
	const longest = 32
	return tool.FitName(name, location, longest)
}
