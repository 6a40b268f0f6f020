package config

import (
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written as "64MB", "512KB", "2GB" or plain bytes. A
// KB has 1,024 bytes, an MB 1,024 KB, and so on; "KiB" and the like are the same.
type Size int64

// units are the endings of a size, the largest first.
var units = []struct {
	name string
	size Size
}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}}

// String returns the size in the largest unit that it is whole in.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// MarshalText writes the size as String does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (d *decoder) size(key string, into *Size) field {
	return field{key, scalar, func(v value) {
		text, ok := d.scalarOf(v)
		if !ok {
			return
		}
		size, ok := parseSize(text)
		if !ok {
			d.fail(v, "must be a number of bytes, or one with its unit, such as 512KB, 64MB or 2GB, is %q", clip(text))
			return
		}
		*into = size
	}}
}

func parseSize(text string) (Size, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	unit := Size(1)
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			number, ok = strings.CutSuffix(text, u.name[:1]+"IB")
		}
		if ok {
			text, unit = strings.TrimSpace(number), u.size
			break
		}
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(unit) {
		return 0, false
	}
	return Size(n) * unit, true
}
