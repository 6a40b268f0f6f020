package templates

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"text/template"

	"golang.org/x/mod/module"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

//go:embed all:project
var files embed.FS

// suffix ends the names of templates.
const suffix = ".tmpl"

// ProjectOptions say what is written into a project's files.
type ProjectOptions struct {
	// Module is the path of the project's Go module, e.g. "example.com/gateway".
	Module string
	// BridgeVersion is the version that go.mod asks for, e.g. "v1.2.0". One that
	// no Go module has ("dev") is left out: `go mod tidy` then takes the latest.
	BridgeVersion string
}

// File is one file of a project.
type File struct {
	Path string // relative to the project, with slashes
	Data []byte
	Mode fs.FileMode
}

// published is a version that a Go module can have: a release, a candidate for
// one, or a pseudo-version.
var published = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+(-(rc|beta|alpha)[0-9.]*)?$`)

// Project returns the files of a new project, sorted by path: the same options
// give the same bytes.
func Project(o ProjectOptions) ([]File, error) {
	if err := module.CheckImportPath(o.Module); err != nil {
		return nil, fault.Wrap("templates.project", fault.Invalid,
			fmt.Sprintf("%q can't be the path of a Go module; take one like example.com/team/gateway", o.Module), err)
	}
	data := struct{ Module, Name, Require string }{Module: o.Module, Name: path.Base(o.Module)}
	if published.MatchString(o.BridgeVersion) || module.IsPseudoVersion(o.BridgeVersion) {
		data.Require = o.BridgeVersion
	}
	project, err := fs.Sub(files, "project")
	if err != nil {
		return nil, err
	}
	var all []File
	err = fs.WalkDir(project, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := render(project, name, data)
		all = append(all, File{Path: strings.TrimSuffix(name, suffix), Data: content, Mode: 0o644})
		return err
	})
	return all, err
}

func render(project fs.FS, name string, data any) ([]byte, error) {
	text, err := fs.ReadFile(project, name)
	if err != nil {
		return nil, err
	}
	t, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
