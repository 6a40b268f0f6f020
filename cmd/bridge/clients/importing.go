package clients

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
)

// Found is a server in a client's file.
type Found struct {
	Server
	Client string // the client's title
	File   string
	Folder string // what ${workspaceFolder} stands for; "" for nothing
}

// Source is a server as bridge.yaml has it.
type Source struct {
	Server
	From []Found // the entries that it came from
}

// Variable is an environment variable that a source's references need.
type Variable struct {
	Name, Source, File string // File had the value, or refers to it as well
}

// Skipped is an entry that does not become a source.
type Skipped struct {
	Found
	Reason string
	Own    bool // it is the gateway's own
}

// Plan is what an import comes to.
type Plan struct {
	Sources   []Source
	Present   []Found // entries whose server bridge.yaml has already
	Skipped   []Skipped
	Variables []Variable
}

// ImportOptions say how servers become sources.
type ImportOptions struct {
	Taken       []string          // names that sources have already
	Present     []Server          // servers that are sources already
	Own         func(Server) bool // is it the gateway itself?
	KeepSecrets bool              // copy values that look secret as they are
}

// builtIn is the source of the gateway's own tools.
const builtIn = "bridge"

// Import turns the servers of clients into sources: each server once, under a
// name that sources may have, with references in place of secrets.
func Import(found []Found, opts ImportOptions) Plan {
	im := importer{opts: opts, keys: map[string]int{}, names: map[string]bool{}, variables: map[string]string{}}
	for _, n := range append(opts.Taken, builtIn) {
		im.names[n] = true
	}
	for _, f := range found {
		if opts.Own != nil && opts.Own(f.Server) {
			im.plan.Skipped = append(im.plan.Skipped, Skipped{f, "it is this gateway", true})
			continue
		}
		if f.Off != "" {
			im.skip(f, f.Off)
			continue
		}
		f.Server = unwrap(f.inFolder())
		if slices.ContainsFunc(opts.Present, func(have Server) bool { return covers(have, f.Server) }) {
			im.plan.Present = append(im.plan.Present, f)
			continue
		}
		im.add(key(f.Server), f)
	}
	return im.plan
}

type importer struct {
	opts      ImportOptions
	plan      Plan
	keys      map[string]int    // the place of a server among the sources
	names     map[string]bool   // that are taken
	variables map[string]string // the values that variables stand for
}

func (im *importer) skip(f Found, reason string) {
	im.plan.Skipped = append(im.plan.Skipped, Skipped{f, reason, false})
}

func (im *importer) add(k string, f Found) {
	if i, merged := im.keys[k]; merged {
		im.plan.Sources[i].From = append(im.plan.Sources[i].From, f)
		return
	}
	if reason := im.refuse(f.Server); reason != "" {
		im.skip(f, reason)
		return
	}
	s := f.Server
	s.Name = im.name(f.Name)
	s.Env = im.secrets(f, s.Name, s.Env, false)
	s.Headers = im.secrets(f, s.Name, s.Headers, true)
	im.keys[k] = len(im.plan.Sources)
	im.plan.Sources = append(im.plan.Sources, Source{s, []Found{f}})
}

// refuse says why a server can't be a source; "" if it can.
func (im *importer) refuse(s Server) string {
	if s.URL != "" {
		u, err := url.Parse(s.URL)
		switch {
		case strings.Contains(s.URL, "${"):
			return "its URL has a reference in it, which sources don't take"
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			return "its URL is no http or https URL"
		case u.User != nil:
			return "its URL has a user or password in it; put them into a header"
		case hasPassword(s.URL) && !im.opts.KeepSecrets:
			return "its URL looks as if it had a secret in it, and URLs take no references; --keep-secrets copies it as it is"
		}
		return ""
	}
	for i, arg := range s.Command {
		if strings.Contains(arg, "${") {
			return "its command has a reference in it (" + clipReference(arg) + "), which sources don't take"
		}
		if i > 0 && !im.opts.KeepSecrets && secretArgument(s.Command[i-1], arg) {
			return fmt.Sprintf("argument %d of its command looks like a secret, and commands take no references; --keep-secrets copies it as it is", i)
		}
	}
	return ""
}

// clipReference returns the first reference of an argument alone.
func clipReference(arg string) string {
	_, rest, _ := strings.Cut(arg, "${")
	word, _, _ := strings.Cut(rest, "}")
	return "${" + word[:min(len(word), 40)] + "}"
}

// secrets puts references in place of values that look secret.
func (im *importer) secrets(f Found, source string, values map[string]string, headers bool) map[string]string {
	out := make(map[string]string, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		parts, err := reference.Parse(value)
		literal := err == nil && len(parts) == 1 && parts[0].Kind == reference.Literal
		for _, p := range parts {
			if p.Kind == reference.Env {
				if _, taken := im.variables[p.Text]; !taken {
					im.variables[p.Text] = "\x00" // nobody knows its value: no other may stand for it
				}
				im.need(p.Text, f.File, source)
			}
		}
		if !literal || im.opts.KeepSecrets || !secretLooking(name, parts[0].Text) {
			out[name] = value
			continue
		}
		out[name] = im.refer(f, source, name, parts[0].Text, headers)
	}
	return out
}

// refer returns a reference to a variable that is to hold a value.
func (im *importer) refer(f Found, source, name, value string, header bool) string {
	variable, prefix := variableName(name), ""
	if header {
		variable = strings.ToUpper(variableName(source + "_" + name))
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(name, "Authorization") {
			prefix, value = scheme+" ", strings.TrimSpace(token)
			variable = strings.ToUpper(variableName(source + "_TOKEN"))
		}
	}
	for base, n := variable, 0; ; n++ {
		if have, taken := im.variables[variable]; !taken || have == value {
			break
		}
		variable = strings.ToUpper(variableName(source)) + "_" + base
		if n > 0 {
			variable = fmt.Sprintf("%s_%d", variable, n+1)
		}
	}
	im.variables[variable] = value
	im.need(variable, f.File, source)
	return strings.ReplaceAll(prefix, "${", "$${") + "${env:" + variable + "}"
}

func (im *importer) need(variable, file, source string) {
	v := Variable{variable, source, file}
	if !slices.ContainsFunc(im.plan.Variables, func(x Variable) bool { return x.Name == variable }) {
		im.plan.Variables = append(im.plan.Variables, v)
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9_-]+`)

// maxName bounds a source's name, which begins its tools' names.
const maxName = 32

// name makes a name that a source may have and none has.
func (im *importer) name(name string) string {
	name = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-_")
	if name == "" {
		name = "server"
	}
	base := strings.TrimRight(name[:min(len(name), maxName)], "-_")
	name = base
	for n := 2; im.names[name]; n++ {
		suffix := fmt.Sprintf("-%d", n)
		name = base[:min(len(base), maxName-len(suffix))] + suffix
	}
	im.names[name] = true
	return name
}

// key is what makes two servers the same: command and URL, and whatever else
// they are given that decides whom they act for.
func key(s Server) string {
	identity := func(m map[string]string) string {
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			parts = append(parts, k+"="+m[k])
		}
		return strings.Join(parts, "\x01")
	}
	if s.URL != "" {
		return "url\x00" + strings.TrimRight(s.URL, "/") + "\x00" + strings.ToLower(identity(s.Headers))
	}
	return "command\x00" + strings.Join(s.Command, "\x00") + "\x00\x00" + identity(s.Env)
}

// covers reports whether a source stands for a server: the same command or URL,
// and whatever it is given is the same, or comes from a reference.
func covers(have, s Server) bool {
	fits := func(have, want map[string]string) bool {
		for name, value := range want {
			if v, there := have[name]; !there || v != value && !strings.Contains(v, "${") {
				return false
			}
		}
		return true
	}
	if s.URL != "" {
		return strings.TrimRight(have.URL, "/") == strings.TrimRight(s.URL, "/") && (len(have.Headers) == 0 || fits(have.Headers, s.Headers))
	}
	return len(s.Command) > 0 && slices.Equal(have.Command, s.Command) && fits(have.Env, s.Env)
}

// AddSource returns the text of a bridge.yaml with a source added; file is its
// name for messages. All other text stays.
func AddSource(file string, data []byte, s Server) ([]byte, error) {
	var o object
	if s.URL != "" {
		o = append(o, member{"mcp", s.URL})
	} else {
		o = append(o, member{"command", anyList(s.Command)})
	}
	if s.Dir != "" && s.URL == "" {
		o = append(o, member{"dir", s.Dir})
	}
	if len(s.Env) > 0 && s.URL == "" {
		o = append(o, member{"env", textObject(s.Env)})
	}
	if len(s.Headers) > 0 && s.URL != "" {
		o = append(o, member{"headers", textObject(s.Headers)})
	}
	out, err := put(yamlEditor{}, data, []string{"sources", s.Name}, o, nil)
	if err != nil {
		return nil, broken(file, err, "; mend the file, or write its sources in lines")
	}
	return out, nil
}

// inFolder puts the project's folder in place of ${workspaceFolder}.
func (f Found) inFolder() Server {
	s := f.Server
	if f.Folder == "" {
		return s
	}
	fill := func(text string) string {
		return strings.NewReplacer("${workspaceFolder}", f.Folder, "${workspaceRoot}", f.Folder).Replace(text)
	}
	s.Command = slices.Clone(s.Command)
	for i, w := range s.Command {
		s.Command[i] = fill(w)
	}
	s.Dir = fill(s.Dir)
	return s
}

// unwrap returns the server behind a command that does no more than pass a URL
// on: npx mcp-remote URL --header "Name: value".
func unwrap(s Server) Server {
	at := slices.IndexFunc(s.Command, func(w string) bool {
		name, _, _ := strings.Cut(w, "@")
		return name == "mcp-remote"
	})
	if at < 0 || at+1 >= len(s.Command) || at > 3 || !strings.Contains(path.Base(strings.ReplaceAll(s.Command[0], `\`, "/")), "x") && at > 0 {
		return s
	}
	out := Server{Name: s.Name, Headers: map[string]string{}}
	for i, rest := 0, s.Command[at+1:]; i < len(rest); i++ {
		switch w := rest[i]; {
		case strings.HasPrefix(w, "http://") || strings.HasPrefix(w, "https://"):
			out.URL = w
		case w == "--header" && i+1 < len(rest):
			i++
			name, value, ok := strings.Cut(rest[i], ":")
			if !ok {
				return s
			}
			out.Headers[strings.TrimSpace(name)] = filled(references(strings.TrimSpace(value)), s.Env)
		case w == "--allow-http" || w == "--debug" || w == "--silent" || w == "-y":
		case w == "--transport" && i+1 < len(rest):
			i++
		case i == 1 && !strings.HasPrefix(w, "-"): // the port of its login
		default:
			return s // an option that changes what is reached
		}
	}
	if out.URL == "" {
		return s
	}
	return out
}

// filled puts the values of an entry's own variables into a value.
func filled(value string, env map[string]string) string {
	for name, v := range env {
		value = strings.ReplaceAll(value, "${env:"+name+"}", v)
	}
	return value
}
