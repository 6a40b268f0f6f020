package token

// Load loads a vocabulary anew, as Open does once.
func Load(name string) error {
	_, err := loadVocabulary(name)
	return err
}

// CountSingly counts piece by piece, without blocks.
func (e *Encoding) CountSingly(text string) (n int) {
	w := e.worker()
	defer e.release(w)
	for p := 0; p < len(text); {
		end, plain := w.split(view(text), p)
		n += w.piece(view(text), p, end, plain, len(text))
		p = end
	}
	return n
}
