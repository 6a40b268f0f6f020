package naming

import (
	"fmt"
	"go/token"
	"path"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxFile is the longest name of a file, without its extension.
const maxFile = 48

// extensions are what a document's file name ends in and a package's does not.
var extensions = []string{".yaml", ".yml", ".json", ".openapi", ".swagger"}

// Package returns the name of the Go package for a document's file name or a
// source's name: "specs/crm.yaml" gives "crm" and "Acme CRM-API" gives
// "acmecrmapi". Names that Go or the go command keep for themselves get "api"
// at their end. The error is of kind [fault.Invalid].
func Package(s string) (string, error) {
	base := strings.ToLower(path.Base(strings.ReplaceAll(s, `\`, "/")))
	for _, ext := range extensions {
		base = strings.TrimSuffix(base, ext)
	}
	name := strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, base)
	if name == "" {
		return "", fault.New("generator.package", fault.Invalid,
			fmt.Sprintf("no Go package can be named after %q: give it a name of letters a-z and digits", s))
	}
	if name[0] >= '0' && name[0] <= '9' {
		name = "api" + name
	}
	if reservedPackage(name) {
		name += "api"
	}
	return name[:min(len(name), maxFile)], nil
}

func reservedPackage(name string) bool {
	switch name {
	case "main", "init", "internal", "vendor", "testdata", "generated", "documentation":
		return true
	}
	return token.IsKeyword(name)
}

// File returns the name, without ".go", of the file for a group of operations:
// lower-case words joined by "_". It is never one that the go command reads a
// build constraint from ("sales_linux", "orders_test"). It returns ""
// where nothing of the name can stand in it.
func File(name string) string {
	file := tool.SnakeName(name)
	if file == "" {
		return ""
	}
	file = tool.FitName(file, name, maxFile)
	last := file[strings.LastIndex(file, "_")+1:]
	if last == "test" || constraints[last] {
		file += "_api"
	}
	return file
}

// constraints are the GOOS and GOARCH values that end file names which are built
// for that system only (go help buildconstraint, and go/build/syslist.go).
var constraints = wordSet(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd
	plan9 solaris wasip1 windows zos
	386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le
	ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)

// Version reports whether a path's segment says which API it is and not what
// stands there: "api", "v1", "2024-01-01".
func Version(segment string) bool {
	s := strings.ToLower(segment)
	if s == "" || s == "api" || s == "rest" {
		return true
	}
	return strings.Trim(strings.TrimPrefix(s, "v"), "0123456789.-_") == ""
}
