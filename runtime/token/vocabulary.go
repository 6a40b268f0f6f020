package token

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/pkoukk/tiktoken-go-loader/assets"
)

const (
	// none is the rank of what is no token.
	none = ^uint32(0)
	// maxShort is the length in bytes up to which a token is packed in a word.
	maxShort = 7
	// maxRank bounds ranks, so that they pack with positions (see tree).
	maxRank = 1 << 24
	// golden spreads keys over a table: 2^64 divided by the golden ratio, odd.
	golden = 0x9E3779B97F4A7C15
)

// vocabulary finds the rank of a sequence of bytes: the order in which byte
// pair encoding learned it, which is also the token's number.
type vocabulary struct {
	blob    []byte   // all tokens, in the order of rank
	offsets []uint32 // token r is blob[offsets[r]:offsets[r+1]]
	longest int      // length in bytes of the longest token

	pairs [1 << 16]uint32 // rank by two bytes, the first one high

	// Tokens of up to maxShort bytes: open addressing by pack. 0 is free.
	shortKeys  []uint64
	shortRanks []uint32
	shortShift uint

	// Longer tokens: open addressing by digest. An entry has the digest's high
	// half above the rank plus one; 0 is free.
	long      []uint64
	longShift uint
}

// loadVocabulary reads the embedded vocabulary of the given name.
func loadVocabulary(name string) (*vocabulary, error) {
	text, err := assets.Assets.ReadFile(name + ".tiktoken")
	if err != nil {
		return nil, err
	}
	return parseVocabulary(text)
}

// parseVocabulary reads tiktoken's format: a line for each token, which has its
// bytes in base64, a space and its rank. Ranks must count up from 0, and every
// single byte must be a token, so that any text has an encoding.
func parseVocabulary(text []byte) (*vocabulary, error) {
	v := &vocabulary{blob: make([]byte, 0, len(text)/2), offsets: make([]uint32, 1, 1+len(text)/16)}
	for line := 1; len(text) > 0; line++ {
		var err error
		if text, err = v.readLine(text); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	v.index()
	for b := range 256 {
		if v.rank([]byte{byte(b)}) == none {
			return nil, fmt.Errorf("the byte %#02x is no token", b)
		}
	}
	return v, nil
}

// readLine appends the token of text's first line and returns what follows it.
func (v *vocabulary) readLine(text []byte) (rest []byte, err error) {
	at := 0
	for at < len(text) && text[at] > ' ' {
		at++
	}
	blob, err := base64.StdEncoding.AppendDecode(v.blob, text[:at])
	if err != nil {
		return nil, err
	}
	if len(blob) == len(v.blob) || at == len(text) || text[at] != ' ' {
		return nil, errors.New("want a token in base64, a space and a rank")
	}
	rank := 0
	for at++; at < len(text) && text[at] != '\n'; at++ {
		digit := text[at] - '0'
		if digit > 9 || rank > maxRank {
			return nil, errors.New("the rank is no number in range")
		}
		rank = rank*10 + int(digit)
	}
	if rank != v.size() {
		return nil, fmt.Errorf("rank %d where %d was due", rank, v.size())
	}
	v.longest = max(v.longest, len(blob)-len(v.blob))
	v.blob = blob
	v.offsets = append(v.offsets, uint32(len(blob)))
	return text[min(at+1, len(text)):], nil
}

// size returns the number of tokens.
func (v *vocabulary) size() int { return len(v.offsets) - 1 }

// token returns the bytes of the token of the given rank.
func (v *vocabulary) token(rank uint32) []byte {
	return v.blob[v.offsets[rank]:v.offsets[rank+1]]
}

// index fills the tables from blob and offsets.
func (v *vocabulary) index() {
	short := 0
	for r := range v.size() {
		if v.offsets[r+1]-v.offsets[r] <= maxShort {
			short++
		}
	}
	// At most half full: probes stay short.
	shortBits, longBits := bits.Len(uint(2*short)), bits.Len(uint(2*(v.size()-short)))
	v.shortKeys, v.shortRanks = make([]uint64, 1<<shortBits), make([]uint32, 1<<shortBits)
	v.long = make([]uint64, 1<<longBits)
	v.shortShift, v.longShift = uint(64-shortBits), uint(64-longBits)
	for i := range v.pairs {
		v.pairs[i] = none
	}
	for r := range uint32(v.size()) {
		v.add(v.token(r), r)
	}
}

// add puts one token into its table.
func (v *vocabulary) add(token []byte, rank uint32) {
	if len(token) == 2 {
		v.pairs[uint(token[0])<<8|uint(token[1])] = rank
	}
	if len(token) <= maxShort {
		key := pack(token, 0, len(token))
		i := key * golden >> v.shortShift
		for v.shortKeys[i] != 0 {
			i = (i + 1) & uint64(len(v.shortKeys)-1)
		}
		v.shortKeys[i], v.shortRanks[i] = key, rank
		return
	}
	d := digest(token)
	i := d >> v.longShift
	for v.long[i] != 0 {
		i = (i + 1) & uint64(len(v.long)-1)
	}
	v.long[i] = d<<32 | uint64(rank+1)
}

// rank returns the rank of b, or none.
func (v *vocabulary) rank(b []byte) uint32 {
	if len(b) <= maxShort {
		return v.rankShort(pack(b, 0, len(b)))
	}
	return v.rankLong(b)
}

// rankAt returns the rank of text[from:to], or none. It is rank without the
// cost of slicing where text goes on beyond to.
func (v *vocabulary) rankAt(text []byte, from, to int) uint32 {
	if to-from <= maxShort {
		return v.rankShort(pack(text, from, to-from))
	}
	if to-from > v.longest {
		return none
	}
	return v.rankLong(text[from:to])
}

// rankShort returns the rank of a packed token, or none.
func (v *vocabulary) rankShort(key uint64) uint32 {
	for i := key * golden >> v.shortShift; ; i = (i + 1) & uint64(len(v.shortKeys)-1) {
		switch v.shortKeys[i] {
		case key:
			return v.shortRanks[i]
		case 0:
			return none
		}
	}
}

// rankLong returns the rank of a token of more than maxShort bytes, or none.
func (v *vocabulary) rankLong(b []byte) uint32 {
	d := digest(b)
	for i := d >> v.longShift; ; i = (i + 1) & uint64(len(v.long)-1) {
		slot := v.long[i]
		if slot == 0 {
			return none
		}
		if uint32(slot>>32) == uint32(d) {
			if r := uint32(slot) - 1; string(v.token(r)) == string(b) {
				return r
			}
		}
	}
}

// pack returns the n ≤ 7 bytes of text at from in a word, with n above them.
func pack(text []byte, from, n int) uint64 {
	if from+8 <= len(text) {
		word := binary.LittleEndian.Uint64(text[from:])
		return word&(1<<(8*uint(n))-1) | uint64(n)<<56
	}
	key := uint64(n) << 56
	for i := range n {
		key |= uint64(text[from+i]) << (8 * uint(i))
	}
	return key
}

// digest hashes at least 8 bytes. It only has to spread the vocabulary's own
// tokens: how far a lookup probes is bounded by their clusters, whatever is
// looked up.
func digest(b []byte) uint64 {
	h := uint64(len(b))
	tail := binary.LittleEndian.Uint64(b[len(b)-8:])
	for len(b) > 8 {
		h = (h ^ binary.LittleEndian.Uint64(b)) * golden
		h ^= h >> 29
		b = b[8:]
	}
	h = (h ^ tail) * golden
	h ^= h >> 32
	return h * golden
}
