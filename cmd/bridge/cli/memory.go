package cli

import (
	"os"
	"runtime/debug"
)

// garbagePercent is how much the heap of a gateway grows between two collections,
// as GOGC has it. What lives is mostly the vocabularies that tokens are counted
// by, some 40 MB, and a call leaves little behind: at 200 it costs about a tenth
// less of CPU than at Go's 100, and beyond that nothing more is gained.
const garbagePercent = 200

// tradeMemory has the collector run less often, unless GOGC says how often.
// GOMEMLIMIT holds either way, as the runtime reads it by itself.
func tradeMemory() {
	if _, given := os.LookupEnv("GOGC"); !given {
		debug.SetGCPercent(garbagePercent)
	}
}
