package rest

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// expandPath returns the base's path and the template's, percent-encoded.
func (p *plan) expandPath(args arguments) (string, error) {
	b := append(make([]byte, 0, 128), p.base.path...)
	for _, part := range p.path {
		if part.param == nil {
			b = append(b, part.literal...)
			continue
		}
		var err error
		if b, err = appendPathValue(b, part.param, args[part.slot]); err != nil {
			return "", err
		}
	}
	path := string(b)
	for segment := range strings.SplitSeq(path[len(p.base.path):], "/") {
		if leavesSegment(segment) {
			return "", invalid("the path arguments make a path with the segment %q, which would reach another operation", shorten(segment))
		}
	}
	return path, nil
}

func appendPathValue(b []byte, param *tool.Parameter, raw []byte) ([]byte, error) {
	if raw == nil {
		return nil, invalid("missing required argument %q: it is part of the path", param.Arg)
	}
	esc := escaping{escapeStrict, escapeStrict}
	if param.AllowReserved {
		esc.value = escapePath
	}
	v := newValue(raw)
	if param.ContentType != "" {
		v = value{kind: text, text: contentText(param.ContentType, raw)}
	}
	if err := checkPathValue(param, v); err != nil {
		return nil, err
	}
	return notationOf(tool.InPath, param.Style).expand(b, param.Name, v, param.Explode, esc), nil
}

// checkPathValue refuses what would make the path another one: nothing at all,
// and dot segments. An empty text is something in the styles that begin with a
// mark: "." and ";name" (RFC 6570, 3.2.5 and 3.2.7).
func checkPathValue(param *tool.Parameter, v value) error {
	isText := v.kind != array && v.kind != object
	marked := param.Style == tool.Label || param.Style == tool.Matrix
	if v.undefined() || isText && v.text == "" && !marked {
		return invalid("argument %q is empty; it is part of the path, so a value is needed", param.Arg)
	}
	for _, t := range v.texts() {
		if leavesSegment(t) {
			return invalid(`argument %q: got %q; a value in the path may not be or contain the segment "." or ".."`, param.Arg, shorten(t))
		}
	}
	return nil
}
