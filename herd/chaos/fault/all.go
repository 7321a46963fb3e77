package fault

import (
	"slices"
	"strings"
)

// All returns every fault there is.
func All() []Fault {
	return []Fault{
		kill, killStarting, killComparing, killSome, killAll, terminate, hangUp, stand,
		cut, cutOneWay, isolate, loss, throttle,
		proxyCut, blackHole, delay, slicer, limitData, resetPeer, proxyThrottle,
		fullLog, fullJournal, fewFiles, filesTaken,
		hostileClients, hostilePages, hostilePeers, forgedProofs, silence, slowReaders, slowWriters,
		slowUpstream, lyingUpstream,
	}
}

// Named returns those of some faults that list names, separated by commas; all for an
// empty list. unknown is the first name that is none of theirs.
func Named(all []Fault, list string) (some []Fault, unknown string) {
	if list == "" {
		return all, ""
	}
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(all, func(f Fault) bool { return f.Name == name })
		if i < 0 {
			return nil, name
		}
		some = append(some, all[i])
	}
	return some, ""
}
