package token_test

import (
	"testing"

	"github.com/bridge-gateway/bridge/runtime/token"
)

// megabyte is fresh JSON: no benchmark counts it twice with one memo, as seeds
// differ, but for the count of the loop itself.
func megabytes(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = jsonText(uint64(100+i), 1<<20)
	}
	return texts
}

func BenchmarkCount(b *testing.B) {
	texts := megabytes(8)
	for _, p := range pairs(b) {
		b.Run(p.Name()+"/bridge", func(b *testing.B) {
			b.SetBytes(1 << 20)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.Count(texts[i%len(texts)])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(p.Count(texts[0])), "ns/token")
		})
		b.Run(p.Name()+"/tiktoken-go", func(b *testing.B) {
			b.SetBytes(1 << 20)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.oracle.EncodeOrdinary(texts[i%len(texts)])
			}
		})
	}
}

func BenchmarkCountUpTo(b *testing.B) {
	e, text := open(b, "o200k_base"), jsonText(9, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		e.CountUpTo(text, 20000)
	}
}

func BenchmarkCut(b *testing.B) {
	e, text := open(b, "o200k_base"), jsonText(9, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		e.Cut(text, 5000)
	}
}

// BenchmarkHostile has what is quadratic for tiktoken-go, which is left out for that.
func BenchmarkHostile(b *testing.B) {
	e := open(b, "o200k_base")
	for _, h := range hostile(1 << 20) {
		b.Run(h.name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			for b.Loop() {
				e.Count(h.text)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, name := range token.Encodings() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := token.Load(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
