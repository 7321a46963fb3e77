package reactortest

// Passage is something that a reactor has handed to its system for one end of a
// connection, or the end of that.
type Passage struct {
	From, To   string // reactors
	Connection uint64 // its number; both directions have the same
	Data       []byte // a view, valid until Tap returns
	Left       int    // bytes that the system did not take yet
	Closed     bool   // From has given up the connection; there is no Data
}

func (t *transport) tap(p Passage) {
	if tap := t.r.network.options.Tap; tap != nil {
		p.From, p.To, p.Connection = t.r.name, t.socket.out.to, t.socket.number
		tap(p)
	}
}
