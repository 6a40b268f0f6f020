package openapi

import (
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// version is the family of a document's version.
type version uint8

const (
	v20 version = iota
	v30
	v31
	v32
)

// versionOf tells which version a document is of, by family: 3.1.3 is 3.1, and
// a number that was not quoted is read as it was written.
func versionOf(root *node, location string, rep *reporter) (version, error) {
	if IsURL(location) {
		location = redact(location)
	}
	if !root.is(kindObject) {
		return 0, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is no OpenAPI document: it holds %s where an object with \"openapi\" is due", location, root.kind))
	}
	if v := root.get("openapi"); v != nil {
		return version3(v, location, rep)
	}
	if v := root.get("swagger"); v != nil {
		if strings.HasPrefix(v.str(), "2") {
			return v20, nil
		}
		return 0, fault.New(opLoad, fault.Unsupported, fmt.Sprintf("%s is Swagger %s: 2.0 and OpenAPI 3.0 to 3.2 are read; convert it first", location, v.str()))
	}
	for key, what := range map[string]string{"asyncapi": "an AsyncAPI document", "overlay": "an Overlay document", "arazzo": "an Arazzo document", "$schema": "a JSON Schema", "mcpServers": "an MCP client's configuration"} {
		if root.has(key) {
			return 0, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is %s, not an OpenAPI document", location, what))
		}
	}
	if root.has("paths") {
		rep.report(SeverityWarning, "missing-version", root, "", "the document has no \"openapi\": it is read as 3.0; add \"openapi: 3.0.3\"")
		return v30, nil
	}
	return 0, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is no OpenAPI document: it has neither \"openapi\" nor \"swagger\" at its top", location))
}

func version3(v *node, location string, rep *reporter) (version, error) {
	text := strings.TrimPrefix(strings.TrimSpace(v.str()), "v")
	switch {
	case strings.HasPrefix(text, "2"):
		return v20, nil
	case text == "3" || strings.HasPrefix(text, "3.0"):
		return v30, nil
	case strings.HasPrefix(text, "3.1"):
		return v31, nil
	case strings.HasPrefix(text, "3.2"):
		return v32, nil
	case strings.HasPrefix(text, "3."):
		rep.report(SeverityWarning, "unknown-version", v, "", "version %q is not known: it is read as 3.2", text)
		return v32, nil
	}
	return 0, fault.New(opLoad, fault.Unsupported, fmt.Sprintf("%s is OpenAPI %q: 2.0 and 3.0 to 3.2 are read", location, text))
}
