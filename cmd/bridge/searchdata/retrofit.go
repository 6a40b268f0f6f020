package main

import (
	"maps"
	"math"
	"slices"
)

const (
	rounds = 10
	// pull is how much the neighbours of a stem weigh together, next to its own
	// vector's 1, however many they are.
	pull = 1.0
)

// retrofit draws each stem toward its neighbours, after Faruqui et al.,
// "Retrofitting Word Vectors to Semantic Lexicons" (NAACL 2015).
func retrofit(v *vocabulary, e edges) {
	for i := range v.vectors {
		normalise(&v.vectors[i])
	}
	original := slices.Clone(v.vectors)
	for range rounds {
		for i := range v.vectors {
			total := 0.0
			for _, j := range slices.Sorted(maps.Keys(e[i])) {
				total += e[i][j]
			}
			if total == 0 {
				continue
			}
			strength := pull * math.Min(1, total)
			mixed := original[i]
			for _, j := range slices.Sorted(maps.Keys(e[i])) {
				for d := range dimensions {
					mixed[d] += strength * e[i][j] / total * v.vectors[j][d]
				}
			}
			normalise(&mixed)
			v.vectors[i] = mixed
		}
	}
}

// spread takes off what all vectors have in common, their mean and the two
// directions in which they differ most, which tell of how common a word is
// rather than of what it means (Mu and Viswanath, "All-but-the-Top", ICLR 2018).
func spread(v *vocabulary) {
	var mean [dimensions]float64
	for i := range v.vectors {
		for d := range dimensions {
			mean[d] += v.vectors[i][d] / float64(len(v.vectors))
		}
	}
	for i := range v.vectors {
		for d := range dimensions {
			v.vectors[i][d] -= mean[d]
		}
	}
	for range 2 {
		direction := principal(v)
		for i := range v.vectors {
			along := dot(&v.vectors[i], &direction)
			for d := range dimensions {
				v.vectors[i][d] -= along * direction[d]
			}
		}
	}
	for i := range v.vectors {
		normalise(&v.vectors[i])
	}
}

// principal is the direction in which the vectors differ most, by power
// iteration.
func principal(v *vocabulary) [dimensions]float64 {
	var direction [dimensions]float64
	for d := range dimensions {
		direction[d] = 1 / float64(d+1)
	}
	normalise(&direction)
	for range 50 {
		var next [dimensions]float64
		for i := range v.vectors {
			along := dot(&v.vectors[i], &direction)
			for d := range dimensions {
				next[d] += along * v.vectors[i][d]
			}
		}
		normalise(&next)
		direction = next
	}
	return direction
}

func dot(a, b *[dimensions]float64) float64 {
	sum := 0.0
	for d := range dimensions {
		sum += a[d] * b[d]
	}
	return sum
}

func normalise(a *[dimensions]float64) {
	length := math.Sqrt(dot(a, a))
	if length == 0 {
		return
	}
	for d := range dimensions {
		a[d] /= length
	}
}
