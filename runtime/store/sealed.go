package store

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Key is a key for Sealed: 32 random bytes. Print it freely: it is left out.
type Key [32]byte

// ParseKey reads a key of 32 bytes written as 64 hexadecimal digits or in base64,
// as `openssl rand -hex 32` and `openssl rand -base64 32` make one.
func ParseKey(text string) (Key, error) {
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if raw, err := decode(text); err == nil && len(raw) == len(Key{}) {
			return Key(raw), nil
		}
	}
	return Key{}, fault.New("store.key", fault.Invalid, "an encryption key has 32 bytes, as 64 hexadecimal digits or in base64: `openssl rand -hex 32` makes one")
}

// Format leaves the key out, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// MarshalJSON leaves the key out.
func (k Key) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

// A sealed value is: the version of the form, the key's id, the nonce, and what
// AES-256-GCM makes of the value, with the first two and the key in the store as
// associated data.
const (
	sealedForm = 1
	keyID      = 8
	nonceSize  = 12
	// sealing is what a sealed value has more than the value.
	sealing = 1 + keyID + nonceSize + 16
)

// Sealed returns a store whose values are encrypted in another one. The first
// key encrypts, all decrypt, so that keys can be changed: put the new one first
// and drop the old one once everything was written again or has expired.
//
// A value is bound to its key: one that was copied to another key, or changed,
// can't be read (fault.Conflict). Keys in the store, the values' sizes and
// counters stay in the clear. Nonces are random, so that a key is good for some
// billions of writes (NIST SP 800-38D, section 8.3: 2³²).
//
// Closing it closes the store that it encrypts for.
func Sealed(inner Store, key Key, former ...Key) Store {
	s := &sealed{Store: inner, ciphers: map[[keyID]byte]cipher.AEAD{}}
	for i, k := range append([]Key{key}, former...) {
		id := k.id()
		s.ciphers[id] = k.aead()
		if i == 0 {
			s.current = id
		}
	}
	return s
}

// id tells keys apart without telling anything of them.
func (k Key) id() [keyID]byte {
	sum := sha256.Sum256(append([]byte("bridge store key id\x00"), k[:]...))
	return [keyID]byte(sum[:])
}

func (k Key) aead() cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err) // never: the key's length is right
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // never: the block's size is right
	}
	return aead
}

type sealed struct {
	Store
	ciphers map[[keyID]byte]cipher.AEAD
	current [keyID]byte
}

// seal encrypts a value for a key of the store.
func (s *sealed) seal(op, key string, value []byte) ([]byte, error) {
	if len(value) > MaxValue {
		return nil, fault.New(op, fault.TooLarge, fmt.Sprintf("a value has at most %d bytes, and this one has %d", MaxValue, len(value)))
	}
	out := make([]byte, 1+keyID+nonceSize, len(value)+sealing)
	out[0] = sealedForm
	copy(out[1:], s.current[:])
	nonce := out[1+keyID:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, fault.Wrap(op, fault.Internal, "no random bytes to encrypt with", err)
	}
	return s.ciphers[s.current].Seal(out, nonce, value, append(out[:1+keyID:1+keyID], key...)), nil
}

// open decrypts what a key of the store has.
func (s *sealed) open(op, key string, raw []byte) ([]byte, error) {
	if len(raw) < sealing || raw[0] != sealedForm {
		return nil, fault.New(op, fault.Conflict, "a stored value is not encrypted as it must be: it was written without encryption, or is damaged")
	}
	head, rest := raw[:1+keyID:1+keyID], raw[1+keyID:]
	aead := s.ciphers[[keyID]byte(head[1:])]
	if aead == nil {
		return nil, fault.New(op, fault.Conflict, "a stored value was encrypted with a key that is not configured: configure the former key beside the new one")
	}
	value, err := aead.Open([]byte{}, rest[:nonceSize], rest[nonceSize:], append(head, key...))
	if err != nil {
		return nil, fault.Wrap(op, fault.Conflict, "a stored value was changed, or moved from another key: delete it", err)
	}
	return value, nil
}

func (s *sealed) Get(ctx context.Context, key string) ([]byte, error) {
	raw, err := s.Store.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.open("store.get", key, raw)
}

func (s *sealed) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	raw, err := s.seal("store.set", key, value)
	if err != nil {
		return err
	}
	return s.Store.Set(ctx, key, raw, ttl)
}

func (s *sealed) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	raw, err := s.seal("store.create", key, value)
	if err != nil {
		return false, err
	}
	return s.Store.Create(ctx, key, raw, ttl)
}

// Swap compares what is decrypted and swaps what is encrypted. Where somebody
// wrote the same value anew in between, it compares again.
func (s *sealed) Swap(ctx context.Context, key string, old, new []byte, ttl time.Duration) (bool, error) {
	const op = "store.swap"
	next, err := s.seal(op, key, new)
	if err != nil {
		return false, err
	}
	if err := checkWrite(op, key, next, ttl); err != nil {
		return false, err
	}
	for {
		raw, err := s.Store.Get(ctx, key)
		if errors.Is(err, ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		value, err := s.open(op, key, raw)
		if err != nil || !bytes.Equal(value, old) {
			return false, err
		}
		if done, err := s.Store.Swap(ctx, key, raw, next, ttl); done || err != nil {
			return done, err
		}
	}
}

func (s *sealed) Take(ctx context.Context, key string) ([]byte, error) {
	raw, err := s.Store.Take(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.open("store.take", key, raw)
}
