//go:build unix

package chaos_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// holdings are what a process holds of the system.
type holdings struct {
	children    int            // processes below it
	descriptors map[string]int // by their kind: socket, pipe, file
}

// held counts what a process holds now.
func held(t *testing.T, pid int) holdings {
	t.Helper()
	h := holdings{len(below(t, pid)), map[string]int{}}
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		target, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil {
			continue // closed meanwhile
		}
		kind, _, found := strings.Cut(target, ":")
		if !found {
			kind = "file"
		}
		h.descriptors[kind]++
	}
	return h
}

// below returns the processes that descend from pid.
func below(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	parents := map[int][]int{}
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // ended meanwhile
		}
		// "pid (name) state ppid …", where the name may hold anything.
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parent, _ := strconv.Atoi(fields[1])
		parents[parent] = append(parents[parent], child)
	}
	var all []int
	for next := parents[pid]; len(next) > 0; {
		child := next[0]
		all, next = append(all, child), append(next[1:], parents[child]...)
	}
	return all
}

// String returns the counts in one line.
func (h holdings) String() string {
	text := fmt.Sprintf("%d processes", h.children)
	for _, kind := range slices.Sorted(maps.Keys(h.descriptors)) {
		text += fmt.Sprintf(", %d %s", h.descriptors[kind], kind)
	}
	return text
}

// spare is how many descriptors of a kind may be more at the end: connections
// that are kept for a while, not one for each lane.
const spare = 8

// exceeds reports whether more is held than before.
func (h holdings) exceeds(earlier holdings) bool {
	for kind, n := range h.descriptors {
		if n > earlier.descriptors[kind]+spare {
			return true
		}
	}
	return h.children > earlier.children
}

// settle waits until no more is held than before, and fails if it does not come
// to that.
func settle(t *testing.T, pid int, earlier holdings) {
	t.Helper()
	now := held(t, pid)
	for end := time.Now().Add(20 * time.Second); now.exceeds(earlier) && time.Now().Before(end); now = held(t, pid) {
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("held before: %v; after: %v", earlier, now)
	if now.exceeds(earlier) {
		t.Error("the gateway holds more than before")
	}
}

var createdBy = regexp.MustCompile(`(?m)^created by (\S+)`)

// goroutines counts the goroutines of a dump by what created them.
func goroutines(dump string) map[string]int {
	counts := map[string]int{}
	for _, m := range createdBy.FindAllStringSubmatch(dump, -1) {
		counts[m[1]]++
	}
	return counts
}

// spareGoroutines is how many goroutines of one origin may be more at the end: a
// connection that is kept has two at either end.
const spareGoroutines = 2 * spare

// compareGoroutines fails if the gateway that was broken has more goroutines
// than a fresh one.
func compareGoroutines(t *testing.T, worn, fresh map[string]int) {
	t.Helper()
	total := func(counts map[string]int) (sum int) {
		for n := range maps.Values(counts) {
			sum += n
		}
		return sum
	}
	t.Logf("goroutines of a fresh gateway: %d; after the faults: %d", total(fresh), total(worn))
	if total(fresh) == 0 || total(worn) == 0 {
		t.Error("there is no dump of goroutines to count")
	}
	for origin, n := range worn {
		if n > fresh[origin]+spareGoroutines {
			t.Errorf("%d goroutines created by %s, where a fresh gateway has %d", n, origin, fresh[origin])
		}
	}
}
