package clients

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Server is an MCP server as clients are told of it: a command to start, or a
// URL. Values of Env and Headers may hold references, ${env:NAME}; $${ stands
// for a plain "${".
type Server struct {
	Name    string
	URL     string
	Headers map[string]string

	Command []string // the program, then its arguments
	Env     map[string]string
	Dir     string // the working folder; "" for the client's

	// Off says why a client does not use the server; "" if it does.
	Off string
}

// dialect is how one client writes a server. "" stands for what it does not have.
type dialect struct {
	url                 string // key of the URL
	httpType, stdioType string // what "type" says
	headers             []string
	command, args, env  string // without args, command is a list of words
	reference           string // how a variable is referred to; %s is its name
	named               bool   // the entry repeats its name

	// headerVariables and bearerVariable are keys for headers whose values are
	// in environment variables, where values take no references.
	headerVariables, bearerVariable string

	extra object // what each entry has as well
}

// fields returns an entry as the client writes it, and the keys that are
// Bridge's to change in one that is there.
func (c Client) fields(s Server) (object, map[string]bool, error) {
	d := c.dialect
	owned := map[string]bool{}
	for _, k := range []string{"type", d.url, d.command, d.args, d.env, d.headerVariables, d.bearerVariable, "url", "httpUrl", "serverUrl"} {
		owned[k] = true
	}
	var out object
	if d.named {
		out = append(out, member{"name", s.Name})
	}
	var rest object
	var err error
	if s.URL != "" {
		owned[strings.Join(d.headers, ".")] = true
		rest, err = c.remote(s)
	} else {
		rest, err = c.local(s)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(d.headers) > 0 {
		owned[d.headers[0]] = true
	}
	return append(append(out, rest...), d.extra...), owned, nil
}

func (c Client) remote(s Server) (object, error) {
	d := c.dialect
	if d.url == "" {
		return nil, fault.New("connect.entry", fault.Unsupported, c.Title+"'s file takes no URLs, only commands; connect it with --stdio")
	}
	var out object
	if d.httpType != "" {
		out = append(out, member{"type", d.httpType})
	}
	out = append(out, member{d.url, s.URL})
	headers, variables := map[string]string{}, map[string]string{}
	for name, value := range s.Headers {
		variable, prefix := soleVariable(value)
		switch {
		case variable != "" && d.bearerVariable != "" && strings.EqualFold(name, "Authorization") && prefix == "Bearer ":
			out = append(out, member{d.bearerVariable, variable})
		case variable != "" && d.headerVariables != "" && prefix == "":
			variables[name] = variable
		default:
			text, err := c.own(value)
			if err != nil {
				return nil, err
			}
			headers[name] = text
		}
	}
	if len(headers) > 0 {
		out = append(out, nest(d.headers, textObject(headers)).(object)...)
	}
	if len(variables) > 0 {
		out = append(out, member{d.headerVariables, textObject(variables)})
	}
	return out, nil
}

func (c Client) local(s Server) (object, error) {
	d := c.dialect
	var out object
	if d.stdioType != "" {
		out = append(out, member{"type", d.stdioType})
	}
	if d.args == "" {
		out = append(out, member{d.command, anyList(s.Command)})
	} else {
		out = append(out, member{d.command, s.Command[0]}, member{d.args, anyList(s.Command[1:])})
	}
	if len(s.Env) == 0 {
		return out, nil
	}
	env := map[string]string{}
	for name, value := range s.Env {
		text, err := c.own(value)
		if err != nil {
			return nil, err
		}
		env[name] = text
	}
	return append(out, member{d.env, textObject(env)}), nil
}

// soleVariable returns the one variable that a value ends in, and the text
// before it; "" if the value is anything else.
func soleVariable(value string) (variable, prefix string) {
	parts, err := reference.Parse(value)
	if err != nil || len(parts) == 0 || len(parts) > 2 || parts[len(parts)-1].Kind != reference.Env {
		return "", ""
	}
	if len(parts) == 2 {
		if parts[0].Kind != reference.Literal {
			return "", ""
		}
		prefix = parts[0].Text
	}
	return parts[len(parts)-1].Text, prefix
}

// own writes a value with references in the client's own way.
func (c Client) own(value string) (string, error) {
	parts, err := reference.Parse(value)
	if err != nil {
		return "", fault.New("connect.reference", fault.Invalid, err.Error())
	}
	var b strings.Builder
	for _, p := range parts {
		switch {
		case p.Kind == reference.Literal:
			b.WriteString(p.Text)
		case p.Kind == reference.Env && c.dialect.reference != "":
			fmt.Fprintf(&b, c.dialect.reference, p.Text)
		default:
			return "", fault.New("connect.reference", fault.Unsupported,
				c.Title+"'s file has no reference for ${"+string(p.Kind)+":…}; give the value itself, or connect with --stdio and keep it in bridge.yaml")
		}
	}
	return b.String(), nil
}

// Servers returns the servers that a file has, in its order; file is its name
// for messages.
func (c Client) Servers(file string, data []byte) ([]Server, error) {
	root, err := c.editor().decode(data)
	if err != nil {
		return nil, broken(file, err, "; mend the file")
	}
	entries, _ := lookup(root, c.path)
	o, _ := entries.(object)
	servers := make([]Server, 0, len(o))
	for _, m := range o {
		servers = append(servers, readServer(m.key, m.value))
	}
	return servers, nil
}

// Has reports whether a file has an entry of a name, and whether it is just as
// s would be written.
func (c Client) Has(file string, data []byte, s Server) (there, equal bool, err error) {
	root, err := c.editor().decode(data)
	if err != nil {
		return false, false, broken(file, err, "; mend the file")
	}
	_, there = lookup(root, at(c.path, s.Name))
	if !there || s.URL == "" && len(s.Command) == 0 {
		return there, false, nil
	}
	out, err := c.Put(file, data, s)
	return there, err == nil && slices.Equal(out, data), err
}
