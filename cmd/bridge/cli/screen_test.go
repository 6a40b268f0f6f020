package cli

import (
	"bytes"
	"testing"
)

func TestTerminalsAreGivenNoOrders(t *testing.T) {
	for text, want := range map[string]string{
		"plain, with\ttabs\nand lines\r\n":         "plain, with\ttabs\nand lines\r\n",
		"\x1b[1;31mBreaking\x1b[0m é 日本 🎉":         "\x1b[1;31mBreaking\x1b[0m é 日本 🎉",
		"\x1b]0;title\x07\x1b[2J\x1b[1;34mblue":    "�]0;title��[2J�[1;34mblue",
		"over\rwritten\b\x7f\x00":                  "over�written���",
		"C1: \u009b2J and bytes \x9b2J, \xff":      "C1: �2J and bytes �2J, �",
		"a line that ends in a carriage return \r": "a line that ends in a carriage return �",
		"\x1b": "�",
		"\u202eonly text is turned around by this": "\u202eonly text is turned around by this",
	} {
		var out bytes.Buffer
		if n, err := (&screen{&out}).Write([]byte(text)); n != len(text) || err != nil || out.String() != want {
			t.Errorf("%q is shown as %q (%d, %v); want %q", text, out.String(), n, err, want)
		}
	}
}
