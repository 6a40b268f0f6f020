package clients

import (
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Scope says for whom a configuration file counts.
type Scope string

// The scopes of a configuration file.
const (
	User    Scope = "user"    // all that a person does
	Project Scope = "project" // a folder, for everybody who works in it
)

// Client is a program that speaks MCP and keeps its servers in a file.
type Client struct {
	Name    string   // a short name for programs, e.g. "vscode"
	Aliases []string // further names
	Title   string   // the client's name for people
	Format  Format
	Next    string // what makes the client read its file again

	path    []string // where its entries are in the file
	list    bool     // they are a list of items with names
	user    func(Environment) string
	project string // its file in a project; "" if it has none
	dialect dialect
}

// All returns every known client, the most used first.
func All() []Client { return table() }

// Names returns the names of all clients.
func Names() []string {
	var names []string
	for _, c := range table() {
		names = append(names, c.Name)
	}
	return names
}

// Find returns the client of a name or alias. The error, of kind Invalid, says
// which there are.
func Find(name string) (Client, error) {
	for _, c := range table() {
		for _, n := range append([]string{c.Name}, c.Aliases...) {
			if strings.EqualFold(n, name) {
				return c, nil
			}
		}
	}
	hint := "."
	if near := fault.Nearest(name, Names()); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return Client{}, fault.New("connect.client", fault.Invalid, fmt.Sprintf("no client %q is known%s There are: %s", fault.Clip(name, 60), hint, strings.Join(Names(), ", ")))
}

// HasProject reports whether the client reads a file of the project as well.
func (c Client) HasProject() bool { return c.project != "" }

// StdioOnly reports whether the client's file takes commands alone, no URLs.
func (c Client) StdioOnly() bool { return c.dialect.url == "" }

// Place returns the client's file for a scope. The error, of kind Invalid, is
// that the client has none.
func (c Client) Place(env Environment, scope Scope) (string, error) {
	switch {
	case scope == User:
		return c.user(env), nil
	case scope == Project && c.project != "":
		return env.join(env.Project, c.project), nil
	case scope == Project:
		return "", fault.New("connect.scope", fault.Invalid, c.Title+" reads no file of a project; leave --scope away to write the user's")
	default:
		return "", fault.New("connect.scope", fault.Invalid, fmt.Sprintf("there is no scope %q; there are user and project", fault.Clip(string(scope), 40)))
	}
}

// editor returns what edits the client's file.
func (c Client) editor() editor {
	switch c.Format {
	case TOML:
		return tomlEditor{depth: len(c.path) + 1}
	case YAML:
		e := yamlEditor{}
		if c.list {
			e.list = strings.Join(c.path, ".")
		}
		return e
	default:
		return jsonEditor{}
	}
}

// Put returns the text of a file with an entry in it; file is its name for
// messages. Text of that entry which Bridge does not own, and all other text,
// stays as it is. Data that has the entry already is returned as it is.
func (c Client) Put(file string, data []byte, s Server) ([]byte, error) {
	fields, owned, err := c.fields(s)
	if err != nil {
		return nil, err
	}
	out, err := put(c.editor(), data, at(c.path, s.Name), fields, owned)
	if err != nil {
		return nil, broken(file, err, "; mend the file, or add the entry that --print shows by hand")
	}
	return out, nil
}

// Remove returns the text of a file without an entry. Of earlier texts of the
// file, newest first, it returns the one that differs from data by the entry
// alone, so that nothing is left of it. gone says that nothing at all would be
// left, so that the file itself can go.
func (c Client) Remove(file string, data []byte, name string, earlier ...[]byte) (out []byte, gone bool, err error) {
	e, path := c.editor(), at(c.path, name)
	out, err = take(e, data, path)
	if err != nil {
		return nil, false, broken(file, err, "; remove the entry by hand")
	}
	if string(out) == string(data) {
		return data, false, nil
	}
	for _, before := range earlier {
		if restores(e, before, out, path) {
			return before, false, nil
		}
	}
	return out, restores(e, nil, out, path), nil
}

// restores reports whether a text without the entry would, with it and then
// without it again, be the text out.
func restores(e editor, before, out []byte, path []string) bool {
	decoded, err := e.decode(before)
	if err != nil {
		return false
	}
	if _, there := lookup(decoded, path); there {
		return false
	}
	with, err := e.set(before, path, object{{"name", path[len(path)-1]}})
	if err != nil {
		return false
	}
	without, err := take(e, with, path)
	return err == nil && string(without) == string(out)
}

// Snippet returns the text of a file that has nothing but an entry.
func (c Client) Snippet(s Server) (string, error) {
	text, err := c.Put(c.Name, nil, s)
	return strings.TrimRight(string(text), "\n"), err
}

// Detect returns the client whose file this is: by its place, else by the first
// client's form that has servers in it. The error, of kind Invalid, is that none
// does.
func Detect(env Environment, file string, data []byte) (Client, error) {
	for _, c := range table() {
		if c.user(env) == file || c.project != "" && strings.HasSuffix(strings.ReplaceAll(file, `\`, "/"), "/"+c.project) {
			return c, nil
		}
	}
	format := JSON
	switch {
	case strings.HasSuffix(file, ".toml"):
		format = TOML
	case strings.HasSuffix(file, ".yaml"), strings.HasSuffix(file, ".yml"):
		format = YAML
	}
	for _, c := range table() {
		if c.Format != format {
			continue
		}
		servers, err := c.Servers(file, data)
		if err != nil {
			return Client{}, err
		}
		if len(servers) > 0 {
			return c, nil
		}
	}
	return Client{}, fault.New("connect.detect", fault.Invalid, file+" has no MCP servers in a form that is known: mcpServers, servers, context_servers, mcp, extensions or mcp_servers")
}
