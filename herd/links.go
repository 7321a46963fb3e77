package herd

import "time"

// Why a link that did nothing wrong is closed, and what an operator must be told.
var (
	ErrDuplicateLink = newReason("duplicate_link", "another link to the same server stays")
	ErrReplaced      = newReason("replaced", "a newer link to the same server takes its place")
	ErrDuplicateName = newReason("duplicate_name", "two servers run under one name: stop one of them")
)

// LookupTime is how long the lookup of a neighbour's name may take. An attempt to
// reach the neighbour has longer, so that the log says which of the two it was.
const LookupTime = 4 * time.Second

// How a server dials a neighbour again: after e times RedialFirst, and then e times
// as long after each failure, up to RedialMost, with a jitter of 12 %. A link that
// has stayed for RedialReset sets the delay back to the first.
const (
	RedialFirst = 200 * time.Millisecond
	RedialMost  = 5 * time.Second
	RedialReset = 10 * time.Second
)

// Link is an open link, as one of its ends sees it.
type Link struct {
	Number uint64 // the server's own, one for each link
	Peer   string // the neighbour's name
	Boot   Boot   // the neighbour's
	Role   Role   // of this server
}

// Links decides which link to a neighbour stays when there are two. Each end
// decides for itself, and both decide the same.
//
// NewLinks makes one. It is for one goroutine at a time.
type Links struct {
	name  string
	peers map[string]*peerLinks
}

// peerLinks is what is known of one neighbour.
type peerLinks struct {
	open  bool
	link  Link // the open one, or the last that was
	boots bootHistory
}

// Opened is what follows from a link's opening.
type Opened struct {
	// Close is the link to close, which may be the new one, and Why is
	// ErrDuplicateLink or ErrReplaced. There is none if Why is nil. A server whose
	// own dialling made a duplicate dials again when the link that stays is lost.
	Close Link
	Why   error

	// Alarm is ErrDuplicateName when two processes seem to run under the
	// neighbour's name, and else nil. It is for the log; the link is as good as
	// any other.
	Alarm error
}

// NewLinks returns the Links of the named server, with none open.
func NewLinks(name string) *Links {
	return &Links{name: name, peers: make(map[string]*peerLinks)}
}

// Open takes a link whose handshake is done, at the time now.
//
// If there is none yet to that neighbour, it stays. A link to another process of
// the same name takes the place of the old one, whose process is taken to be
// gone. Of two links between the same two processes, the one dialled by the
// server whose name is lower stays; if one server dialled both, it dialled again
// because the older is dead to it, and the newer stays.
func (l *Links) Open(link Link, now Timestamp) Opened {
	p := l.peers[link.Peer]
	if p == nil {
		p = &peerLinks{link: link}
		l.peers[link.Peer] = p
	}
	var opened Opened
	if p.link.Boot != link.Boot && p.boots.changed(p.link.Boot, link.Boot, now) {
		opened.Alarm = ErrDuplicateName
	}
	old := p.link
	switch {
	case !p.open:
	case old.Boot == link.Boot && old.Role != link.Role && l.dialledByLower(old):
		opened.Close, opened.Why = link, ErrDuplicateLink
		return opened
	case old.Boot == link.Boot && old.Role != link.Role:
		opened.Close, opened.Why = old, ErrDuplicateLink
	default:
		opened.Close, opened.Why = old, ErrReplaced
	}
	p.open, p.link = true, link
	return opened
}

// Lost takes note that a link is gone. One that Open has told to close is known
// to be gone already.
func (l *Links) Lost(link Link) {
	if p := l.peers[link.Peer]; p != nil && p.link.Number == link.Number {
		p.open = false
	}
}

// To returns the open link to a neighbour, and whether there is one.
func (l *Links) To(peer string) (Link, bool) {
	if p := l.peers[peer]; p != nil && p.open {
		return p.link, true
	}
	return Link{}, false
}

// dialledByLower reports whether the end of link that dialled has the lower name.
func (l *Links) dialledByLower(link Link) bool {
	return (link.Role == Dialler) == (l.name < link.Peer)
}

const (
	// bootWindow and maxReturns say when a name is used twice: more than three
	// times in a minute, a process comes back that another had taken the place of.
	// A server that only crashes and restarts never comes back as the same process.
	bootWindow = 60 // seconds
	maxReturns = 3

	// bootChanges is how many changes are remembered: enough for as many processes
	// of one name as anybody could start by mistake.
	bootChanges = 16
)

// bootHistory is the last changes of the process behind a name, oldest first.
type bootHistory []bootChange

type bootChange struct {
	from     Boot
	at       Timestamp
	returned bool // to a process that was there before
}

// changed takes note of a change, and reports whether the name is used twice.
func (h *bootHistory) changed(from, to Boot, now Timestamp) bool {
	change := bootChange{from: from, at: now}
	returns := 0
	recent := (*h)[:0]
	for _, c := range (*h)[max(0, len(*h)-bootChanges+1):] {
		if now.Sub(c.at).Sec >= bootWindow {
			continue
		}
		recent = append(recent, c)
		change.returned = change.returned || c.from == to
		if c.returned {
			returns++
		}
	}
	*h = append(recent, change)
	if change.returned {
		returns++
	}
	return returns > maxReturns
}
