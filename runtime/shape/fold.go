package shape

import (
	"fmt"
	"hash/maphash"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	// maxFold is the longest text whose lines are compared.
	maxFold = 16 << 20
	// leastRepeats is how often lines come in a row at least to be folded.
	leastRepeats = 3
	// leastFolded is how many bytes folding takes out at least: it puts some in.
	leastFolded = 40
	// maxPeriod is the most lines that are folded as one.
	maxPeriod = 40
	// headFrames and tailFrames are what is kept of a long stack.
	headFrames, tailFrames = 8, 3
)

var (
	// stamp is what a log's lines begin with though they say the same.
	stamp = regexp.MustCompile(`^[\[(]?\d[\dT:.,+\-/Z ]{6,40}[\])]?\s*`)
	// frame is a line of a stack: of Java, JavaScript and C#, of Python, of Go, of
	// Ruby and of native code.
	frame = regexp.MustCompile(`^\s+at \S|^\s+File "[^"]+", line \d+|^\t\S+\.go:\d+|^\s+from \S+:\d+:in |^\s*#\d+\s+(?:0x)?\S+`)
)

// fold leaves out lines that say again what those before them said: repeated
// lines, whatever their time, repeated runs of lines, and the middle of long
// stacks. It returns how many characters are gone.
func fold(text string) (string, int) {
	if len(text) > maxFold || strings.Count(text, "\n") < leastRepeats {
		return text, 0
	}
	f := folder{seed: maphash.MakeSeed()}
	for line := range strings.Lines(text) {
		f.lines = append(f.lines, line)
		f.keys = append(f.keys, maphash.String(f.seed, key(line)))
		f.sizes = append(f.sizes, len(strings.TrimSpace(line)))
	}
	for i := 0; i < len(f.lines); {
		i += f.next(i)
	}
	if f.gone == 0 {
		return text, 0
	}
	return f.out.String(), f.gone
}

type folder struct {
	seed  maphash.Seed
	lines []string
	keys  []uint64 // what lines say, without when
	sizes []int    // how much of lines is no space
	out   strings.Builder
	gone  int
}

func key(line string) string {
	line = strings.TrimRight(line, "\r\n")
	if len(line) > 0 && (line[0] == '[' || line[0] == '(' || line[0] >= '0' && line[0] <= '9') {
		if rest := line[len(stamp.FindString(line)):]; rest != "" {
			return rest
		}
	}
	return line
}

// next writes what comes at line i and returns how many lines that was.
func (f *folder) next(i int) int {
	size := 0 // of a period; empty lines are left alone
	for period := 1; period <= maxPeriod && i+leastRepeats*period <= len(f.lines); period++ {
		if size += f.sizes[i+period-1]; size == 0 {
			continue
		}
		if n := f.repeats(i, period); n >= leastRepeats && size*(n-1) > leastFolded {
			f.write(i, i+period)
			more := fmt.Sprintf("… %s more like this\n", thousands(n-1))
			if period > 1 {
				more = fmt.Sprintf("… these %d lines %s more times\n", period, thousands(n-1))
			}
			f.skip(i+period, i+n*period, more)
			return n * period
		}
	}
	if n := f.frames(i); n > headFrames+tailFrames+2 {
		f.write(i, i+headFrames)
		f.skip(i+headFrames, i+n-tailFrames, fmt.Sprintf("    … %s more frames\n", thousands(n-headFrames-tailFrames)))
		f.write(i+n-tailFrames, i+n)
		return n
	}
	f.write(i, i+1)
	return 1
}

// repeats returns how often the lines from i on come in a row.
func (f *folder) repeats(i, period int) int {
	n := 1
	for (n+1)*period+i <= len(f.keys) {
		for j := range period {
			if f.keys[i+j] != f.keys[i+n*period+j] {
				return n
			}
		}
		n++
	}
	return n
}

// frames returns how many lines from i on are a stack. Go's frames have a line
// with the function before that with the place.
func (f *folder) frames(i int) int {
	n := 0
	for i+n < len(f.lines) {
		switch {
		case isFrame(f.lines[i+n]):
			n++
		case i+n+1 < len(f.lines) && n > 0 && isFrame(f.lines[i+n+1]):
			n += 2
		default:
			return n
		}
	}
	return n
}

// isFrame reports whether a line is one of a stack, by its beginning.
func isFrame(line string) bool { return frame.MatchString(line[:min(len(line), 512)]) }

func (f *folder) write(from, to int) {
	for _, line := range f.lines[from:to] {
		f.out.WriteString(line)
	}
}

func (f *folder) skip(from, to int, more string) {
	for _, line := range f.lines[from:to] {
		f.gone += runes(line)
	}
	f.out.WriteString(more)
}

func runes(text string) int { return utf8.RuneCountInString(text) }
