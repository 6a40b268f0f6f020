package rest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// part is one part of a multipart body.
type part struct {
	header string // its lines, each with its line break
	data   []byte
}

// encodeMultipart writes fields as parts (RFC 7578). The boundary is a hash of
// the parts, so that the same arguments make the same bytes and no content can
// hold it.
func encodeMultipart(base string, fields []field) (*content, error) {
	var parts []part
	for _, f := range fields {
		made, err := partsOf(f)
		if err != nil {
			return nil, err
		}
		parts = append(parts, made...)
	}
	hash := sha256.New()
	for _, p := range parts {
		hash.Write([]byte(p.header))
		hash.Write([]byte{0})
		hash.Write(p.data)
		hash.Write([]byte{0})
	}
	boundary := "bridge-" + hex.EncodeToString(hash.Sum(nil))[:40]
	var b bytes.Buffer
	for _, p := range parts {
		b.WriteString("--" + boundary + "\r\n" + p.header + "\r\n")
		b.Write(p.data)
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return &content{b.Bytes(), base + "; boundary=" + boundary}, nil
}

// partsOf makes the parts of one property: a list is a part for each item
// (OpenAPI 3.2, 4.15.4).
func partsOf(f field) ([]part, error) {
	isJSON := f.encoding != nil && tool.IsJSON(f.encoding.ContentType)
	items := []json.RawMessage{f.raw}
	if kindOf(f.raw) == array && !isJSON {
		items = readArray(f.raw)
	}
	var parts []part
	for _, item := range items {
		if kindOf(item) == null {
			continue
		}
		p, err := newPart(f, item)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func newPart(f field, raw json.RawMessage) (part, error) {
	head := `Content-Disposition: form-data; name="` + dispositionText(f.name) + `"`
	mediaType := ""
	if f.encoding != nil {
		first, _, _ := strings.Cut(f.encoding.ContentType, ",")
		mediaType = concreteType(first, "")
	}
	if f.encoding != nil && f.encoding.Binary {
		content, err := readFile(f.arg, raw)
		if err != nil {
			return part{}, err
		}
		if content.name == "" {
			content.name = f.name
		}
		if content.mediaType != "" {
			mediaType = content.mediaType
		} else if mediaType == "" {
			mediaType = "application/octet-stream"
		}
		head += `; filename="` + dispositionText(content.name) + "\"\r\nContent-Type: " + mediaType + "\r\n"
		return part{head, content.data}, nil
	}
	data := []byte(plainText(raw))
	if tool.IsJSON(mediaType) {
		data = raw
	}
	if mediaType == "" && kindOf(raw) >= array {
		mediaType = "application/json"
	}
	if mediaType != "" {
		head += "\r\nContent-Type: " + mediaType
	}
	return part{head + "\r\n", data}, nil
}

// dispositionText escapes a name as browsers do (WHATWG HTML, 4.10.21.8).
func dispositionText(s string) string {
	return strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22", "\x00", "").Replace(s)
}
