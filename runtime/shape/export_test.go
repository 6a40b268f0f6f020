package shape

// TOON writes a document as TOON, though that may not be its smallest form; false
// if TOON can't say it.
func TOON(body string) (string, bool) {
	t, err := parse(body)
	if err != nil {
		return "", false
	}
	p := planner{tree: t}
	whole := p.wholly()
	if whole == nil {
		return "", false
	}
	return string(whole.write(nil, t, 0)), true
}
