package reactorherd

import (
	"proxyherd/herd"
	"proxyherd/reactor"
)

// Faulty is what a server does wrong on purpose, so that a simulation can show
// that it would notice. The zero value does nothing wrong.
type Faulty struct {
	// Settings, if not nil, changes the settings of the server's node.
	Settings func(*herd.Settings)
	// NoResync has a link that opens exchange nothing.
	NoResync bool
	// Echo sends an update to the neighbour too that it came from.
	Echo bool
	// AnswerFirst lets the answers of a turn leave before its updates.
	AnswerFirst bool
	// Withhold, if not nil, says which AT lines, with their ends, an exchange of
	// records leaves out.
	Withhold func(line []byte) bool
	// Unsaid, if not nil, says which AT lines, with their ends, are not flooded.
	Unsaid func(line []byte) bool
}

// flushOrder is when in a turn a link's output is sent.
//
// Twin: the order of the flush is one setting of the transport.
func (f *Faulty) flushOrder() reactor.FlushOrder {
	if f.AnswerFirst {
		return reactor.FlushLast
	}
	return reactor.FlushFirst
}

func (f *Faulty) withholds(line []byte) bool { return f.Withhold != nil && f.Withhold(line) }

func (f *Faulty) leavesUnsaid(line []byte) bool { return f.Unsaid != nil && f.Unsaid(line) }
