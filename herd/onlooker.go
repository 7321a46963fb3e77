package herd

// Onlooker is shown what a server passes on, such as for a page on which people see
// the herd at work; package monitor has one. Its methods may be called on any
// goroutine, with locks held, and wait for nobody.
type Onlooker interface {
	// Looking says whether Passed is worth its trouble: a server asks for each
	// record, so that it costs next to nothing while nobody looks on, or when those
	// who do have been shown enough for now.
	Looking() bool

	// Passed takes a record that the server's store has taken: its AT line, with its
	// end, which is copied; the neighbour that it came from, "" for a client; and
	// the neighbours that it is passed on to, which is the Onlooker's to keep.
	Passed(line []byte, from string, to []string)
}
