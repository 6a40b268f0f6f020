package search

import (
	_ "embed"
	"encoding/binary"
	"math"
	"math/bits"
)

// packed is the word vectors, made by cmd/bridge/searchdata, which says of what
// and in which form. They are read in place: nothing is unpacked at the start.
//
//go:embed vectors.bin
var packed string

// dimensions is the length of a vector.
const dimensions = 100

// vector is what a word means: the nearer two are in direction, the nearer the
// words in meaning.
type vector struct {
	numbers [dimensions]int8
	length  float32
	// signs are those of the numbers. Few differ where two directions are near,
	// which is told in a few instructions.
	signs [2]uint64
	// rarity is how rare the word is in common English, in doublings of its
	// rank; see [lookup].
	rarity float32
}

// table is the layout of packed.
type table struct{ stems, offsets, text, ranks, numbers int }

func layout() table {
	n := int(uint32At(4))
	offsets := 16
	text := offsets + 4*(n+1)
	ranks := text + int(uint32At(12))
	return table{n, offsets, text, ranks, ranks + n}
}

func uint32At(at int) uint32 {
	var b [4]byte
	copy(b[:], packed[at:at+4])
	return binary.LittleEndian.Uint32(b[:])
}

// lookup finds a stem's vector.
func lookup(stem string) (vector, bool) {
	t := layout()
	begin := func(i int) int { return t.text + int(uint32At(t.offsets+4*i)) }
	low, high := 0, t.stems
	for low < high {
		mid := (low + high) / 2
		if packed[begin(mid):begin(mid+1)] < stem {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == t.stems || packed[begin(low):begin(low+1)] != stem {
		return vector{}, false
	}
	v := unpack(packed[t.numbers+low*dimensions/2:][:dimensions/2])
	v.rarity = float32(packed[t.ranks+low]) / 16
	return v, true
}

// unpack reads numbers of four bits, which stand for the odd ones from -15 to
// 15.
func unpack(half string) vector {
	var v vector
	for i := range len(half) {
		v.numbers[2*i] = int8(half[i]&15)*2 - 15
		v.numbers[2*i+1] = int8(half[i]>>4)*2 - 15
	}
	v.finish()
	return v
}

// finish derives the length and the signs from the numbers.
func (v *vector) finish() {
	sum := 0
	v.signs = [2]uint64{}
	for d, x := range v.numbers {
		sum += int(x) * int(x)
		if x > 0 {
			v.signs[d/64] |= 1 << (d % 64)
		}
	}
	v.length = float32(math.Sqrt(float64(sum)))
}

// differ is how many signs differ.
func differ(a, b *[2]uint64) int {
	return bits.OnesCount64(a[0]^b[0]) + bits.OnesCount64(a[1]^b[1])
}

// cosine is that of the angle between two directions: 1 for the same, 0 for
// nothing in common.
func cosine(a, b *vector) float32 {
	if a.length == 0 || b.length == 0 {
		return 0
	}
	sum := int32(0)
	for d := range dimensions {
		sum += int32(a.numbers[d]) * int32(b.numbers[d])
	}
	return float32(sum) / (a.length * b.length)
}

// direction sums vectors with weights.
type direction [dimensions]float32

func (d *direction) add(v *vector, weight float32) {
	if v.length == 0 {
		return
	}
	weight /= v.length
	for i, x := range v.numbers {
		d[i] += weight * float32(x)
	}
}

// vector is the direction in the form of a word's.
func (d *direction) vector() vector {
	largest := float32(0)
	for _, x := range d {
		largest = max(largest, x, -x)
	}
	var v vector
	if largest == 0 {
		return v
	}
	for i, x := range d {
		v.numbers[i] = int8(math.Round(float64(x / largest * 127)))
	}
	v.finish()
	return v
}
