package load

import (
	"fmt"
	"math/rand/v2"
)

// How many clients there are of each kind.
const (
	ownIDs    = 100 // of each reporter
	sharedIDs = 200 // which all report
	aheadIDs  = 20  // whose clocks are ahead, by up to years
	watched   = 8   // which all report, and readers ask for
)

// ids are the clients that a reporter reports.
type ids struct{ own string }

func idsOf(reporter int) ids { return ids{fmt.Sprintf("r%d", reporter)} }

// draw chooses one. Those that are shared bring reports of one client to several
// servers at the same time.
func (i ids) draw(random *rand.Rand) string {
	switch n := random.IntN(100); {
	case n < 40:
		return fmt.Sprintf("%s.chaos-%d", i.own, random.IntN(ownIDs))
	case n < 75:
		return fmt.Sprintf("shared.chaos-%d", random.IntN(sharedIDs))
	case n < 80:
		return fmt.Sprintf("ahead.chaos-%d", random.IntN(aheadIDs))
	}
	return watchedID(random)
}

func watchedID(random *rand.Rand) string {
	return fmt.Sprintf("watched.chaos-%d", random.IntN(watched))
}

// isWatched reports whether readers ask for a client.
func isWatched(id string) bool { return id[0] == 'w' }

// isAhead reports whether a client's clock is ahead.
func isAhead(id string) bool { return id[0] == 'a' }
