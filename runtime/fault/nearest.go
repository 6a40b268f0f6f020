package fault

import "strings"

// Nearest returns the one of known that name was most likely meant to be, for
// "did you mean" in messages, or "" if none is near: at most a third of its
// letters may differ. Letter case and "-", "_", "." count for nothing.
func Nearest(name string, known []string) string {
	best, bestDistance := "", max(1, len(name)/3)+1
	folded := foldName(name)
	for _, k := range known {
		if d := distance(folded, foldName(k), bestDistance); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

func foldName(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(s))
}

// distance is the Levenshtein distance of a and b in bytes, or bound if it is
// at least that.
func distance(a, b string, bound int) int {
	if abs(len(a)-len(b)) >= bound {
		return bound
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return min(row[len(b)], bound)
}

func abs(n int) int { return max(n, -n) }
