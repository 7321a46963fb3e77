package main

import (
	"os"
	"runtime/debug"
)

// serverGarbage is how much a server's heap grows before it is collected, in percent:
// half of what Go takes. What clients say leaves no garbage, so there is little to
// collect, and until then that much memory holds nothing.
const serverGarbage = 50

// collectSoon sets that, unless the user has said how much: GOGC.
func collectSoon() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(serverGarbage)
	}
}
