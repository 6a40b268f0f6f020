package clients

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// readServer reads an entry, whichever client wrote it: the keys are of so few
// kinds that they don't contradict each other.
func readServer(name string, v any) Server {
	s := Server{Name: name}
	o, ok := v.(object)
	if !ok {
		s.Off = "it is no object"
		return s
	}
	s.URL = o.text("url", "httpUrl", "serverUrl", "uri")
	s.Dir = o.text("cwd")
	s.Command = command(o)
	s.Env = texts(o, "env", "environment", "envs")
	s.Headers = texts(o, "headers", "http_headers")
	if options, _ := o.get("requestOptions"); options != nil {
		if inner, ok := options.(object); ok && len(s.Headers) == 0 {
			s.Headers = texts(inner, "headers")
		}
	}
	for header, variable := range texts(o, "env_http_headers") {
		s.Headers[header] = "${env:" + variable + "}"
	}
	if variable := o.text("bearer_token_env_var"); variable != "" {
		s.Headers["Authorization"] = "Bearer ${env:" + variable + "}"
	}
	if off, _ := o.get("disabled"); off == true {
		s.Off = "it is disabled"
	}
	if on, there := o.get("enabled"); there && on == false {
		s.Off = "it is disabled"
	}
	if s.Off == "" && s.URL == "" && len(s.Command) == 0 {
		s.Off = "it has neither a command nor a URL"
	}
	return s
}

// command returns the program and its arguments, which some clients write as
// one list, and some as an object of path and args.
func command(o object) []string {
	v, there := o.get("command")
	if !there {
		v, _ = o.get("cmd")
	}
	var words []string
	switch v := v.(type) {
	case string:
		words = []string{v}
	case []any:
		words = stringsOf(v)
	case object:
		words = append([]string{v.text("path")}, listOf(v, "args")...)
	}
	if len(words) == 0 || words[0] == "" {
		return nil
	}
	return append(words, listOf(o, "args")...)
}

func listOf(o object, key string) []string {
	v, _ := o.get(key)
	list, _ := v.([]any)
	return stringsOf(list)
}

func stringsOf(list []any) []string {
	var words []string
	for _, x := range list {
		words = append(words, scalar(x))
	}
	return words
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// texts returns the map of strings at the first of these keys that has one, its
// references as Bridge writes them.
func texts(o object, keys ...string) map[string]string {
	out := map[string]string{}
	for _, k := range keys {
		v, _ := o.get(k)
		inner, ok := v.(object)
		if !ok {
			continue
		}
		for _, m := range inner {
			out[m.key] = references(scalar(m.value))
		}
		break
	}
	return out
}

// variables are the ways in which clients refer to environment variables and
// to values that they ask for.
var variables = regexp.MustCompile(`\$\{(?:env:|input:)?([A-Za-z_][A-Za-z0-9_-]*)(?::-[^}]*)?\}|\{env:([A-Za-z_][A-Za-z0-9_]*)\}|\$\{\{\s*secrets\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}`)

// shellVariable is a whole value that is a variable, as Gemini writes it.
var shellVariable = regexp.MustCompile(`^\$([A-Z_][A-Z0-9_]*)$`)

// references turns a client's references into ${env:NAME} and quotes any other
// "${".
func references(value string) string {
	if m := shellVariable.FindStringSubmatch(value); m != nil {
		return "${env:" + m[1] + "}"
	}
	var b strings.Builder
	rest := 0
	for _, m := range variables.FindAllStringSubmatchIndex(value, -1) {
		b.WriteString(strings.ReplaceAll(value[rest:m[0]], "${", "$${"))
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 {
				b.WriteString("${env:" + variableName(value[m[g]:m[g+1]]) + "}")
			}
		}
		rest = m[1]
	}
	b.WriteString(strings.ReplaceAll(value[rest:], "${", "$${"))
	return b.String()
}

// variableName makes a word an environment variable's name; names stay.
func variableName(word string) string {
	name := strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, word)
	if name != word {
		name = strings.ToUpper(name)
	}
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}
