package shape_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

const contactSchema = `{"type":"object","required":["items","total"],"properties":{
	"total":{"type":"integer"},
	"items":{"type":"array","items":{"$ref":"#/$defs/Contact"}}},
	"$defs":{"Contact":{"type":"object","required":["id","kind","created"],"properties":{
		"id":{"type":"integer"},
		"kind":{"enum":["person","company"]},
		"created":{"type":"string","format":"date-time"},
		"notes":{"type":"array","minItems":1,"items":{"anyOf":[{"$ref":"#/$defs/Note"},{"type":"null"}]}},
		"bio":{"type":"string","minLength":10}}},
	"Note":{"type":"object","required":["text"],"properties":{"text":{"type":"string"}},"additionalProperties":false}}}`

// contacts is a page of n contacts as a REST API has it.
func contacts(n int) string {
	var b strings.Builder
	b.WriteString(`{"items": [`)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"avatar_url": "https://example.com/avatars/%d.png?size=200", "id": %d, "name": "Contact %d", "kind": "person", "created": "2026-01-%02dT10:00:00Z", "etag": null, "bio": %q, "notes": [{"text": "Called on a Monday. %d"}, {"text": "Wrote back."}], "address": {"city": "Bern", "zip": "30%02d", "geo": {"lat": 46.%d, "lon": 7.4}}}`,
			i, i, i, 1+i%28, strings.Repeat("Likes long walks and short forms. ", 1+i%13), i, i%100, i)
	}
	fmt.Fprintf(&b, `], "total": %d, "next": null}`, n)
	return b.String()
}

// random is a random document of about size values.
func random(r *rand.Rand, size int) string {
	var b strings.Builder
	left := size
	writeRandom(&b, r, &left, 0)
	return b.String()
}

func writeRandom(b *strings.Builder, r *rand.Rand, left *int, depth int) {
	*left--
	space := strings.Repeat(" ", r.IntN(3)/2)
	k := r.IntN(10)
	if depth == 0 {
		k = 8 + r.IntN(2)
	}
	switch {
	case k < 4 || depth > 12:
		b.WriteString(randomString(r))
	case k == 4:
		fmt.Fprintf(b, "%d", r.IntN(1e6))
	case k == 5:
		b.WriteString([]string{"1e400", "-0.0", "3.14159", "1E-7", "123456789012345678901234567890"}[r.IntN(5)])
	case k == 6:
		b.WriteString([]string{"true", "false", "null", "[]", "{}"}[r.IntN(5)])
	case k < 9:
		b.WriteString("{" + space)
		for i := 0; *left > 0 && r.IntN(9) > 0; i++ {
			if i > 0 {
				b.WriteString("," + space)
			}
			fmt.Fprintf(b, `"%s%d":%s`, []string{"id", "name", "a/b~", "url", "x_url", "klé", "\\u006b"}[r.IntN(7)], r.IntN(keySpace(*left)), space)
			writeRandom(b, r, left, depth+1)
		}
		b.WriteString("}")
	default:
		b.WriteString("[" + space)
		for i := 0; *left > 0 && r.IntN(15) > 0; i++ {
			if i > 0 {
				b.WriteString("," + space)
			}
			writeRandom(b, r, left, depth+1)
		}
		b.WriteString("]")
	}
}

// keySpace is now and then small, so that keys repeat, but seldom.
func keySpace(left int) int {
	if left%50 == 0 {
		return 30
	}
	return 1e9
}

func randomString(r *rand.Rand) string {
	parts := []string{"word ", "é", "你好", `\n`, `\"`, `\\`, `\u00e9`, `\ud83d\ude00`, `\ud800`, `\/`, "😀", "0123", "\xff", "AAAA", "the longer "}
	var b strings.Builder
	b.WriteByte('"')
	n := r.IntN(8)
	switch r.IntN(20) {
	case 0:
		n = 20 + r.IntN(300)
	case 1:
		b.WriteString(strings.Repeat("Ab3+", 64+r.IntN(200)))
		n = 0
	}
	for range n {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	b.WriteByte('"')
	return b.String()
}
