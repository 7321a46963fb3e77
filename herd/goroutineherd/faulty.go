package goroutineherd

import "proxyherd/herd"

// Faulty is what a server does wrong on purpose, so that a test can show that it
// would notice. The zero value does nothing wrong.
type Faulty struct {
	// Settings, if not nil, changes the settings of the server's nodes.
	Settings func(*herd.Settings)
	// NoResync has a link that opens exchange nothing.
	NoResync bool
	// Echo sends an update to the neighbour too that it came from.
	Echo bool
	// AnswerFirst lets answers leave before the updates that they acknowledge.
	AnswerFirst bool
	// Withhold, if not nil, says which AT lines, with their ends, an exchange of
	// records leaves out. It is called by several goroutines.
	Withhold func(line []byte) bool
	// Unsaid, if not nil, says which AT lines, with their ends, are not flooded.
	// It is called by several goroutines.
	Unsaid func(line []byte) bool
}

// Twin: there is no order of the flush to turn round: with AnswerFirst an answer
// does not wait for the links.
func (f *Faulty) withholds(line []byte) bool { return f.Withhold != nil && f.Withhold(line) }

func (f *Faulty) leavesUnsaid(line []byte) bool { return f.Unsaid != nil && f.Unsaid(line) }
