package cli

import (
	"bytes"
	"io"
	"os"
	"slices"
	"unicode/utf8"
)

// styles are the sequences that this program styles its own text by.
var styles = [][]byte{[]byte("\x1b[0m"), []byte("\x1b[1m"), []byte("\x1b[1;31m"), []byte("\x1b[1;32m"), []byte("\x1b[1;33m")}

// screen is a terminal that does nothing but show text. What is printed comes from
// documents, servers, upstreams and files of others, and a terminal takes control
// sequences in it as orders.
type screen struct{ to io.Writer }

// onScreen returns what a command writes to: a screen, if f is a terminal. What
// goes to a file or a pipe stays as it is, byte for byte.
func onScreen(f *os.File) io.Writer {
	if isTerminal(f) {
		return &screen{f}
	}
	return f
}

// Write implements io.Writer. Each call is a whole text.
func (s *screen) Write(text []byte) (int, error) {
	if _, err := s.to.Write(harmless(text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// harmless returns a text with U+FFFD in the place of each control character but
// tabs and line ends; styles stay.
func harmless(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		if i := slices.IndexFunc(styles, func(style []byte) bool { return bytes.HasPrefix(text, style) }); i >= 0 {
			out, text = append(out, styles[i]...), text[len(styles[i]):]
			continue
		}
		r, size := utf8.DecodeRune(text)
		lineEnd := r == '\n' || r == '\r' && size < len(text) && text[size] == '\n'
		if control := r < ' ' || r >= 0x7f && r < 0xa0; control && r != '\t' && !lineEnd {
			r = utf8.RuneError
		}
		out, text = utf8.AppendRune(out, r), text[size:]
	}
	return out
}
