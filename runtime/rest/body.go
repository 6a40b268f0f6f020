package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/url"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// content is a body ready to be sent.
type content struct {
	data      []byte
	mediaType string
}

// field is one property of a body with its value.
type field struct {
	arg, name string
	encoding  *tool.Encoding
	raw       json.RawMessage
}

// encodeBody writes the body; nil where none is to be sent.
func (p *plan) encodeBody(args arguments) (*content, error) {
	b := p.op.Body
	if b == nil {
		return nil, nil
	}
	if b.Arg != "" {
		raw := args[p.slots[b.Arg]]
		if raw == nil {
			return nil, nil
		}
		return encodeWhole(b, raw)
	}
	fields := make([]field, 0, len(b.Fields))
	for i := range b.Fields {
		f := &b.Fields[i]
		if raw := args[p.slots[f.Arg]]; raw != nil {
			fields = append(fields, field{f.Arg, f.Name, f.Encoding, raw})
		}
	}
	if len(fields) == 0 && !b.Required {
		return nil, nil
	}
	switch base := tool.BaseType(b.MediaType); {
	case base == "application/x-www-form-urlencoded":
		return &content{encodeForm(fields), b.MediaType}, nil
	case strings.HasPrefix(base, "multipart/"):
		return encodeMultipart(base, fields)
	default:
		return &content{spliceJSON(fields), concreteType(b.MediaType, "application/json")}, nil
	}
}

// encodeWhole writes a body that is one argument.
func encodeWhole(b *tool.Body, raw json.RawMessage) (*content, error) {
	base := tool.BaseType(b.MediaType)
	isForm, isMultipart := base == "application/x-www-form-urlencoded", strings.HasPrefix(base, "multipart/")
	switch {
	case (isForm || isMultipart) && kindOf(raw) == object:
		fields := fieldsOf(b, raw)
		if isForm {
			return &content{encodeForm(fields), b.MediaType}, nil
		}
		return encodeMultipart(base, fields)
	case isMultipart:
		return nil, invalid("argument %q: got %s; a %s body must be an object", b.Arg, shorten(string(raw)), base)
	case b.Binary || base == "application/octet-stream":
		f, err := readFile(b.Arg, raw)
		if err != nil {
			return nil, err
		}
		return &content{f.data, concreteType(b.MediaType, f.typeOr("application/octet-stream"))}, nil
	case tool.IsJSON(base) || strings.Contains(base, "*") || !strings.Contains(base, "/"):
		return &content{raw, concreteType(b.MediaType, "application/json")}, nil
	case isLinesType(base) && kindOf(raw) == array:
		return &content{encodeLines(raw), b.MediaType}, nil
	default:
		return &content{[]byte(plainText(raw)), b.MediaType}, nil
	}
}

// fieldsOf takes a whole body apart into its properties.
func fieldsOf(b *tool.Body, raw json.RawMessage) []field {
	members := readObject(raw)
	fields := make([]field, len(members))
	for i, m := range members {
		fields[i] = field{arg: b.Arg + "." + m.key, name: m.key, raw: m.value}
		for j := range b.Encodings {
			if b.Encodings[j].Name == m.key {
				fields[i].encoding = &b.Encodings[j].Encoding
			}
		}
	}
	return fields
}

// spliceJSON joins fields to an object; their values stay as they were written.
func spliceJSON(fields []field) []byte {
	size := 2
	for _, f := range fields {
		size += len(f.name) + len(f.raw) + 4
	}
	b := append(make([]byte, 0, size), '{')
	for i, f := range fields {
		b = append(append(b, separator(i, ",")...), quote(f.name)...)
		b = append(append(b, ':'), f.raw...)
	}
	return append(b, '}')
}

// encodeLines writes an array as one JSON value a line.
func encodeLines(raw json.RawMessage) []byte {
	var b bytes.Buffer
	for _, item := range readArray(raw) {
		b.Write(compactJSON(item))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// file is the content of a file argument.
type file struct {
	data      []byte
	name      string
	mediaType string
}

func (f file) typeOr(other string) string {
	if f.mediaType == "" {
		return other
	}
	return f.mediaType
}

// readFile reads a file argument: base64 text, a "data:" URI, or an object with
// "data" in either form, "filename" and "mimeType".
func readFile(arg string, raw json.RawMessage) (file, error) {
	var f file
	var source string
	switch kindOf(raw) {
	case text:
		source = unquote(raw)
	case object:
		for _, m := range readObject(raw) {
			if kindOf(m.value) != text {
				continue
			}
			switch m.key {
			case "data":
				source = unquote(m.value)
			case "filename":
				f.name = unquote(m.value)
			case "mimeType":
				f.mediaType = unquote(m.value)
			}
		}
	}
	data, mediaType, ok := decodeFile(source)
	if !ok || kindOf(raw) != text && kindOf(raw) != object {
		return f, invalid(`argument %q: got %s; allowed: base64 text, a "data:" URI, or {"data", "filename", "mimeType"}`,
			arg, shorten(string(raw)))
	}
	f.data = data
	f.mediaType = f.typeOr(mediaType)
	if !validHeaderValue(f.mediaType) || f.mediaType != "" && !strings.Contains(f.mediaType, "/") {
		return f, invalid("argument %q: %q is no media type", arg, shorten(f.mediaType))
	}
	return f, nil
}

// decodeFile reads base64, standard or URL-safe, padded or not, or a "data:" URI
// (RFC 2397).
func decodeFile(source string) (data []byte, mediaType string, ok bool) {
	if rest, isURI := strings.CutPrefix(source, "data:"); isURI {
		head, body, found := strings.Cut(rest, ",")
		mediaType, isBase64 := strings.CutSuffix(head, ";base64")
		if !found {
			return nil, "", false
		}
		if !isBase64 {
			body, err := url.PathUnescape(body)
			return []byte(body), mediaType, err == nil
		}
		data, _, ok = decodeFile(strings.TrimPrefix(body, "data:"))
		return data, mediaType, ok
	}
	clean := strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "").Replace(source)
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(clean, "="))
	return data, "", err == nil
}

// concreteType returns the media type to send: documents give ranges such as
// "*/*" and texts that are none, which stand for the usual one.
func concreteType(mediaType, usual string) string {
	if mediaType = strings.TrimSpace(mediaType); strings.Contains(tool.BaseType(mediaType), "*") || !strings.Contains(mediaType, "/") || !validHeaderValue(mediaType) {
		return usual
	}
	return mediaType
}

// isLinesType reports whether a media type holds one JSON value a line.
func isLinesType(mediaType string) bool {
	switch tool.BaseType(mediaType) {
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonl", "application/json-lines", "application/json-seq":
		return true
	}
	return false
}

// mediaParameter returns a parameter of a media type, e.g. its charset.
func mediaParameter(mediaType, name string) string {
	_, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return ""
	}
	return params[name]
}
