package profile

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// The names of the profiles.
const (
	Default   = "default"
	OpenAI    = "openai"
	Anthropic = "anthropic"
	Gemini    = "gemini"
	Cursor    = "cursor"
)

// Profile adapts tools to what one kind of client takes. The zero value is
// [Default].
type Profile struct{ name string }

// Names returns the names of all profiles, the default first.
func Names() []string { return []string{Default, OpenAI, Anthropic, Gemini, Cursor} }

// Named returns the profile of that name; "" is [Default]. The error, of kind
// Invalid, says which there are.
func Named(name string) (Profile, error) {
	if name == "" || slices.Contains(Names(), name) {
		return Profile{name}, nil
	}
	hint := "there are " + strings.Join(Names(), ", ")
	if near := fault.Nearest(name, Names()); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	return Profile{}, fault.New("profile.named", fault.Invalid, fmt.Sprintf("there is no profile %q; %s", name, hint))
}

// String returns the profile's name.
func (p Profile) String() string {
	if p.name == "" {
		return Default
	}
	return p.name
}

// Name returns name if the profile's clients take one of that length; else it
// is cut as [tool.FitName] does it, by the seed.
func (p Profile) Name(name, seed string) string {
	return tool.FitName(name, seed, p.rules().name)
}

// Apply returns the tool as the profile's clients are to see it. Name,
// description and schemas are adapted; the operation, annotations and budget
// are the tool's own, and t itself stays as it is. What t's schemas allow, the
// adapted ones allow too: a keyword that clients do not take is dropped, and
// said in words where a model should know.
//
// The same tool always gives the same bytes. An error means that a schema of t
// is no JSON, or nests too deep.
func (p Profile) Apply(t tool.Tool) (tool.Tool, error) {
	r := p.rules()
	t.Name = p.Name(t.Name, seedOf(&t))
	t.Description = fitText(t.Description, r.text)
	var err error
	if t.Input, err = r.adapt(t.Input, false); err != nil {
		return t, fault.Wrap("profile.apply", fault.Invalid, fmt.Sprintf("the input schema of the tool %q can't be adapted to the profile %s", t.Name, p), err)
	}
	if t.Output, err = r.adapt(t.Output, true); err != nil {
		return t, fault.Wrap("profile.apply", fault.Invalid, fmt.Sprintf("the output schema of the tool %q can't be adapted to the profile %s", t.Name, p), err)
	}
	return t, nil
}

// seedOf says what a tool stands for, whatever its name.
func seedOf(t *tool.Tool) string {
	if t.Operation != nil {
		return t.Operation.Method + " " + t.Operation.Path
	}
	return t.Name
}

// fitText cuts a text to limit characters, at the end of a sentence or a word;
// 0 is no limit.
func fitText(s string, limit int) string {
	if limit == 0 || utf8.RuneCountInString(s) <= limit {
		return s
	}
	cut := string([]rune(s)[:limit-1])
	if i := strings.LastIndexAny(cut, " \n"); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " \n,;:") + "…"
}
