package reactorherd

import "proxyherd/herd"

// unsaved is where the answer to a report waits for the journal.
type unsaved struct {
	session *session
	mark    uint64 // as herd.Backing.Mark
}

// load takes what the journal has, before anybody is served.
func (s *Server) load() error {
	if s.journal == nil {
		return nil
	}
	if err := s.journal.Load(s.node.Load); err != nil {
		return err
	}
	settle := s.settle
	s.journal.Notify(func() { s.reactor.CallFromThread(settle) })
	return nil
}

// passOn gives an AT line, with its end, that the store has taken to the journal, to
// the sink, and to every neighbour but the one that it came from.
func (s *Server) passOn(line []byte, from *link) {
	if s.journal != nil {
		s.journal.Put(line)
	}
	if s.sink != nil {
		s.sink.Put(line)
	}
	if s.onlooker != nil && s.onlooker.Looking() {
		s.show(line, from)
	}
	s.flood(line, from)
}

// answerReport answers a report once the journal has what it brought, or had before.
func (c *session) answerReport(answer, line []byte) {
	s := c.server
	mark := s.journal.Mark()
	saved, refused := s.journal.Settled()
	switch {
	case mark <= saved:
		c.answer(answer)
	case mark <= refused:
		c.answer(herd.AppendRefusal(nil, line))
	default:
		if c.queue == nil {
			c.queue = &answers{}
		}
		if c.queue.hold(answer, herd.AppendRefusal(nil, line), mark) {
			s.unsaved = append(s.unsaved, unsaved{c, mark})
		}
		c.holdForAnswers()
		c.boundOutput()
	}
}

// settle answers the reports that the journal has decided about.
//
// Twin: the loop does it, when the journal posts that something is decided; and the
// list is the loop's own.
func (s *Server) settle() {
	saved, refused := s.journal.Settled()
	for len(s.unsaved) > 0 && s.unsaved[0].mark <= max(saved, refused) {
		c := s.unsaved[0].session
		s.unsaved[0].session = nil
		s.unsaved = s.unsaved[1:]
		c.guard(func() {
			if c.queue != nil { // else it has gone
				c.queue.settle(saved, refused)
				c.sendAnswers()
			}
		})
	}
	if s.seat != nil {
		s.seat.settle(saved, refused)
	}
}
