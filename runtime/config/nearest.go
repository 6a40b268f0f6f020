package config

// nearest returns the candidate that is most likely meant by a mistyped word;
// "" if none is near.
func nearest(word string, candidates []string) string {
	best, distance := "", 1+max(2, len(word)/3)
	for _, c := range candidates {
		if d := edits(word, c); d < distance && d < len(c) {
			best, distance = c, d
		}
	}
	return best
}

// maxWord bounds the words that are compared, as keys come from outside.
const maxWord = 64

// edits returns how many letters must be put in, left out or changed to turn a
// into b (Levenshtein's distance).
func edits(a, b string) int {
	if len(a) > maxWord || len(b) > maxWord {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
