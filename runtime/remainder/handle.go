package remainder

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/shape"
)

// A handle is 26 lower-case letters: 122 random bits, in about 14 tokens, the
// fewest of all ways to write them but digits, which are longer.
const handleLength = 26

const letters = "abcdefghijklmnopqrstuvwxyz"

func newHandle() string {
	out := make([]byte, 0, handleLength)
	var random [2 * handleLength]byte
	for len(out) < handleLength {
		_, _ = rand.Read(random[:]) // never fails
		for _, b := range random {
			if limit := byte(256 / len(letters) * len(letters)); b < limit && len(out) < handleLength {
				out = append(out, letters[int(b)%len(letters)])
			}
		}
	}
	return string(out)
}

// ParseHandle reads a handle as callers may write it: with spaces around it, in
// capital letters, or as the resource's URI.
func ParseHandle(text string) (string, error) {
	handle := strings.ToLower(strings.TrimSpace(fault.Clip(text, 4*handleLength)))
	handle = strings.TrimPrefix(handle, shape.ResultURI)
	if len(handle) != handleLength || strings.Trim(handle, letters) != "" {
		return "", fault.New("remainder.read", fault.Invalid, fmt.Sprintf(
			"%q is no result's id: give the %d letters that the trimmed result named", fault.Clip(text, 60), handleLength))
	}
	return handle, nil
}
