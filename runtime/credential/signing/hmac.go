package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// HMACOptions say how an HMAC is made. Key and What are needed.
type HMACOptions struct {
	// What names the setting in messages: "sources.shop.credential.hmac".
	What string
	Key  Reveal
	// Header gets the signature; "" is X-Signature. Prefix stands before it there:
	// "sha256=".
	Header, Prefix string
	// Algorithm is sha256, sha384 or sha512; "" is sha256.
	Algorithm string
	// Encoding is hex (lower case) or base64 (with padding); "" is hex.
	Encoding string
	// Over lists what is signed; none is method, path_query, timestamp and body. The
	// package's story has the parts.
	Over []string
	// TimestampHeader gets the timestamp, where that is signed; "" is X-Timestamp.
	TimestampHeader string
}

// Parts are what Over can list, besides header:NAME.
var parts = []string{"method", "path", "query", "path_query", "host", "timestamp", "body", "body_sha256"}

var algorithms = map[string]func() hash.Hash{"sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}

// HMAC signs requests by a key that both sides have. It is safe for parallel use.
type HMAC struct {
	opts HMACOptions
	hash func() hash.Hash
}

// NewHMAC returns a signer, or an error that says which setting is wrong.
func NewHMAC(o HMACOptions) (*HMAC, error) {
	for _, d := range []struct {
		into  *string
		value string
	}{{&o.Header, "X-Signature"}, {&o.Algorithm, "sha256"}, {&o.Encoding, "hex"}, {&o.TimestampHeader, "X-Timestamp"}} {
		if *d.into == "" {
			*d.into = d.value
		}
	}
	if len(o.Over) == 0 {
		o.Over = []string{"method", "path_query", "timestamp", "body"}
	}
	fail := func(key, want string) (*HMAC, error) {
		return nil, fault.New("hmac.new", fault.Invalid, o.What+"."+key+" must be "+want)
	}
	made := algorithms[o.Algorithm]
	switch {
	case o.Key == nil:
		return fail("key", "given")
	case made == nil:
		return fail("algorithm", "sha256, sha384 or sha512")
	case o.Encoding != "hex" && o.Encoding != "base64":
		return fail("encoding", "hex or base64")
	}
	for _, part := range o.Over {
		name, isHeader := strings.CutPrefix(part, "header:")
		if !slices.Contains(parts, part) && (!isHeader || name == "" || strings.EqualFold(name, o.Header)) {
			return fail("over", "a list of "+strings.Join(parts, ", ")+" and header:NAME")
		}
	}
	return &HMAC{o, made}, nil
}

// Sign sets the signature's header, and the timestamp's where it is signed.
func (h *HMAC) Sign(r *http.Request) error {
	key, err := h.opts.Key(r.Context())
	if err != nil {
		return err
	}
	if key == "" {
		return fault.New("hmac.sign", fault.Unavailable, h.opts.What+".key is empty; check the variable or file that it names")
	}
	if slices.Contains(h.opts.Over, "timestamp") {
		r.Header.Set(h.opts.TimestampHeader, strconv.FormatInt(time.Now().Unix(), 10))
	}
	mac := hmac.New(h.hash, []byte(key))
	for i, part := range h.opts.Over {
		if i > 0 {
			mac.Write([]byte{'\n'})
		}
		if err := h.write(mac, part, r); err != nil {
			return err
		}
	}
	text := hex.EncodeToString(mac.Sum(nil))
	if h.opts.Encoding == "base64" {
		text = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	r.Header.Set(h.opts.Header, h.opts.Prefix+text)
	return nil
}

// write writes one part of what is signed.
func (h *HMAC) write(to io.Writer, part string, r *http.Request) error {
	text := ""
	switch part {
	case "method":
		text = r.Method
	case "path":
		text = r.URL.EscapedPath()
	case "query":
		text = r.URL.RawQuery
	case "path_query":
		text = r.URL.RequestURI()
	case "host":
		text = r.URL.Host
	case "timestamp":
		text = r.Header.Get(h.opts.TimestampHeader)
	case "body":
		return writeBody(to, r)
	case "body_sha256":
		sum, err := bodySum(r)
		if err != nil {
			return err
		}
		text = sum
	default:
		text = r.Header.Get(strings.TrimPrefix(part, "header:"))
	}
	_, err := fmt.Fprint(to, text)
	return err
}
