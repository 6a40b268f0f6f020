package openapi

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// mediaClass is how a body of a media type is written.
type mediaClass uint8

const (
	mediaJSON mediaClass = iota
	mediaForm
	mediaMultipart
	mediaText
	mediaBinary
)

// offer is one media type of a body.
type offer struct {
	media   string
	class   mediaClass
	content *node
	place   int
}

// rank orders the media types by how well arguments fit them.
func (o offer) rank() int {
	base := tool.BaseType(o.media)
	switch {
	case base == "application/json":
		return 0
	case base == "application/merge-patch+json":
		return 2
	case base == "application/json-patch+json":
		return 4
	case strings.HasSuffix(base, "+json") && base != "application/json-patch+json":
		return 1 + boolInt(strings.Contains(base, "patch"))*2
	case o.class == mediaJSON:
		return 5
	case o.class == mediaForm:
		return 6
	case o.class == mediaMultipart:
		return 7
	case strings.HasPrefix(base, "text/"):
		return 8
	case base == "application/octet-stream":
		return 9
	case o.class == mediaText:
		return 10
	}
	return 11
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// readMedia cleans a media type; "" if it is none. repaired says that it is not
// what was written.
func readMedia(key string) (media string, class mediaClass, repaired bool) {
	media = strings.TrimSpace(key)
	base := tool.BaseType(media)
	switch {
	case base == "*/*" || base == "application/*":
		return "application/json", mediaJSON, false
	case base == "":
		return "application/json", mediaJSON, true
	case base == "text/*":
		return "text/plain", mediaText, false
	case strings.HasSuffix(base, "/*"):
		return "application/octet-stream", mediaBinary, true
	case !strings.Contains(base, "/"):
		if tool.IsJSON(base) {
			_, params, ok := strings.Cut(media, ";")
			if ok {
				params = ";" + params
			}
			return "application/json" + params, mediaJSON, true
		}
		return "", 0, false
	}
	return media, classOf(base), media != key
}

func classOf(base string) mediaClass {
	switch {
	case tool.IsJSON(base):
		return mediaJSON
	case base == "application/x-www-form-urlencoded":
		return mediaForm
	case strings.HasPrefix(base, "multipart/"):
		return mediaMultipart
	case strings.HasPrefix(base, "text/") || strings.HasSuffix(base, "xml") || strings.HasSuffix(base, "yaml") ||
		strings.Contains(base, "jsonl") || strings.Contains(base, "ndjson") || strings.Contains(base, "json-seq") ||
		base == "application/graphql" || base == "application/javascript" || base == "application/sql" || base == "application/jwt":
		return mediaText
	}
	return mediaBinary
}
