package gateway

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// A server that answers "input_required" may hand the client a state, which
// comes back with the request's retry (2026-07-28, basic/patterns/mrtr). Clients
// are not to be trusted with it: the gateway hands out the state encrypted, bound
// to the caller, the endpoint, the method, the name and the arguments of the
// request, and good for a while. It also says which source it is of.

const (
	stateLife   = 10 * time.Minute
	statePrefix = "bridge.1."
	maxState    = 1 << 20 // bytes of one that comes back
)

// sealer seals states.
type sealer struct{ aead cipher.AEAD }

// newSealer returns a sealer with a key of any length; an empty one stands for a
// random one, by which only this process can open its states.
func newSealer(key []byte) *sealer {
	if len(key) == 0 {
		key = []byte(rand.Text() + rand.Text())
	}
	sum := sha256.Sum256(append([]byte("bridge request state\x00"), key...))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		panic(err) // a key of 32 bytes is always taken
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // as is a cipher of 16-byte blocks
	}
	return &sealer{aead}
}

// opened is a state that came back.
type opened struct {
	source string
	value  json.RawMessage
}

// sealState returns a server's state as the client is to get it.
func (h *handler) sealState(r *face.Request, source, name string, arguments, value json.RawMessage) json.RawMessage {
	plain := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Add(stateLife).Unix()))
	plain = append(append(append(plain, source...), 0), value...)
	sealed := h.gateway.states.aead.Seal(nil, nil, plain, h.stateOf(r, name, arguments))
	return quoted(statePrefix + base64.RawURLEncoding.EncodeToString(sealed))
}

// openState returns the state in a retry; nil if there is none.
func (h *handler) openState(r *face.Request, name string, arguments, given json.RawMessage) (*opened, error) {
	if given == nil || string(given) == "null" {
		return nil, nil
	}
	text, _ := protocol.String(given)
	encoded, ours := strings.CutPrefix(text, statePrefix)
	sealed, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ours || err != nil || len(text) > maxState {
		return nil, errState()
	}
	plain, err := h.gateway.states.aead.Open(nil, nil, sealed, h.stateOf(r, name, arguments))
	if err != nil || len(plain) < 8 || time.Now().Unix() > int64(binary.BigEndian.Uint64(plain)) {
		return nil, errState()
	}
	source, value, _ := bytes.Cut(plain[8:], []byte{0})
	return &opened{string(source), value}, nil
}

func errState() error {
	return fault.New("gateway.state", fault.Invalid,
		"this requestState is not of this request, or older than 10 minutes: start over, without requestState and inputResponses")
}

// stateOf is what a state is bound to. Arguments are compared by what they mean:
// a client may write them anew.
func (h *handler) stateOf(r *face.Request, name string, arguments json.RawMessage) []byte {
	var parts []byte
	for _, part := range []string{r.Caller.ID, h.view.path, r.Method, name} {
		parts = binary.BigEndian.AppendUint32(parts, uint32(len(part)))
		parts = append(parts, part...)
	}
	sum := sha256.Sum256(canonical(arguments))
	return append(parts, sum[:]...)
}

// canonical returns JSON with its objects' members sorted and without space
// between; what is no JSON as it is.
func canonical(raw json.RawMessage) []byte {
	if len(raw) == 0 || string(raw) == "null" {
		return []byte("{}")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return raw
	}
	out, err := json.Marshal(value)
	if err != nil {
		return raw
	}
	return out
}
