package main

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// write writes vectors.bin, in the form that runtime/search reads in place:
//
//	"BRV1", the number n of stems and of dimensions, the bytes of all stems (uint32 each)
//	n+1 uint32: where each stem begins, and where the last ends
//	the stems, sorted, without anything between
//	n bytes: how common each is, 0 the commonest, in sixteenths of a doubling of its rank
//	n × dimensions/2 bytes: two numbers a byte, the first in the low half; 0 to 15
//	stands for (x-7.5)·scale, and the scale does not matter to a cosine
//
// All numbers are little endian.
func write(folder string, v *vocabulary) error {
	order := make([]int, len(v.stems))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(v.stems[a], v.stems[b]) })
	sorted := make([]string, 0, len(order))
	for _, i := range order {
		sorted = append(sorted, v.stems[i])
	}
	text := strings.Join(sorted, "")
	out := []byte("BRV1")
	for _, n := range []int{len(order), dimensions, len(text)} {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	at := 0
	for _, stem := range sorted {
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
		at += len(stem)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(at))
	out = append(out, text...)
	for _, rank := range order {
		out = append(out, byte(min(255, math.Round(16*math.Log2(float64(rank+1))))))
	}
	for _, i := range order {
		out = appendPacked(out, &v.vectors[i])
	}
	return os.WriteFile(filepath.Join(folder, "vectors.bin"), out, 0o644)
}

// width is the distance between two of the sixteen values, for numbers whose
// standard deviation is 1/√dimensions: the one that loses least of a normal
// distribution.
const width = 0.3352 / 10 // 1/√100

func appendPacked(out []byte, vector *[dimensions]float64) []byte {
	for d := 0; d < dimensions; d += 2 {
		out = append(out, nibble(vector[d])|nibble(vector[d+1])<<4)
	}
	return out
}

func nibble(x float64) byte {
	return byte(math.Min(15, math.Max(0, math.Round(x/width+7.5))))
}
