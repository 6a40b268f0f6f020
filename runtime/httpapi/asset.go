package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// minGzip is the size, in bytes, from which compressing pays.
const minGzip = 1 << 10

// asset is bytes that are served as they are, with an entity tag, and compressed
// to those who take that.
type asset struct {
	mediaType string
	body      []byte
	hash      string

	once   sync.Once
	zipped []byte // nil where compressing does not pay
}

func newAsset(mediaType string, body []byte) *asset {
	sum := sha256.Sum256(body)
	return &asset{mediaType: mediaType, body: body, hash: hex.EncodeToString(sum[:12])}
}

// gzipped returns the compressed bytes, which are made when first asked for; nil
// where there are none.
func (s *asset) gzipped() []byte {
	s.once.Do(func() {
		if len(s.body) < minGzip {
			return
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(s.body)
		if closed := z.Close(); err == nil && closed == nil {
			s.zipped = b.Bytes()
		}
	})
	return s.zipped
}

// serve answers a GET or HEAD. What is served may depend on the caller, so no
// shared cache may keep it, and a private one has to ask whether it still holds.
func (s *asset) serve(w http.ResponseWriter, r *http.Request) {
	body, tag := s.body, `"`+s.hash+`"`
	h := w.Header()
	if takes(r.Header.Values("Accept-Encoding"), "gzip") {
		if zipped := s.gzipped(); zipped != nil {
			body, tag = zipped, `"`+s.hash+`-gzip"` // a strong tag is of one encoding (RFC 9110, section 8.8.3.3)
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Add("Vary", "Accept-Encoding")
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	secure(h)
	if matches(r.Header.Values("If-None-Match"), s.hash) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", s.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // nobody to tell if the client is gone
	}
}

// matches reports whether If-None-Match names the asset, in either encoding: the
// comparison is weak (RFC 9110, section 13.1.2).
func matches(fields []string, hash string) bool {
	for _, field := range fields {
		for tag := range strings.SplitSeq(field, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || tag == `"`+hash+`"` || tag == `"`+hash+`-gzip"` {
				return true
			}
		}
	}
	return false
}

// takes reports whether a header such as Accept-Encoding names a value with a
// weight over 0.
func takes(fields []string, value string) bool { return weight(fields, value) > 0 }

// weight returns the weight that a header of the form of Accept gives a value by
// its name (RFC 9110, section 12.4.2): from 0 to 1, and 0 where it is not named.
func weight(fields []string, value string) float64 {
	for _, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			name, rest, _ := strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(name), value) {
				return quality(rest)
			}
		}
	}
	return 0
}

// quality returns the weight among an item's parameters. One that can't be read
// counts as none given.
func quality(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if !strings.EqualFold(key, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
	}
	return 1
}

// secure sets the headers of everything that is served: nothing is guessed to be
// something else, framed, or told to other sites. Nothing in it may run, unless
// the page set a policy of its own.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	}
}
