package goroutineherd

import (
	"sync"

	"proxyherd/herd"
)

// unsaved is where the answer to a report waits for the journal.
type unsaved struct {
	session *session
	mark    uint64 // as herd.Backing.Mark
}

// unsavedAnswers are all of them, and the goroutine that gives them.
//
// Twin: a goroutine of its own waits for the journal. Between a session's look at what
// is saved and its place in the list the journal may go on, so that it looks twice.
type unsavedAnswers struct {
	mu    sync.Mutex
	list  []unsaved     // nearly in the order of their marks
	moved chan struct{} // holds one: the journal has decided something
	ended chan struct{} // closed when no session is left
}

// load takes what the journal has, before anybody is served.
func (s *Server) load() error {
	if s.journal == nil {
		return nil
	}
	node, err := herd.NewNodeOn(s.settings, quietly{s.store})
	if err != nil {
		return err
	}
	return s.journal.Load(node.Load)
}

// followJournal has answers given as the journal goes on.
func (s *Server) followJournal() {
	if s.journal == nil {
		return
	}
	u := &s.unsaved
	s.journal.Notify(u.hurry)
	s.running.Go(func() {
		for s.settle(); ; {
			select {
			case <-u.moved:
				s.settle()
			case <-u.ended:
				s.journal.Notify(nil)
				return
			}
		}
	})
}

// quietly is a herd.Keeper that tells nobody what it takes.
type quietly struct{ *store }

func (k quietly) Put(r *herd.Record, room herd.Room) (changed bool, err error) {
	return k.put(r, room, func(*herd.Record) {})
}

func (k quietly) Get(id []byte, r *herd.Record) (found bool) {
	_, found = k.get(id, r, nil)
	return found
}

// passOn gives an AT line, with its end, that the store has taken to the journal, to
// the sink, and to every neighbour but the one that it came from. It waits for none.
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
			s.unsaved.add(c, mark)
		}
		c.holdForAnswers()
		c.boundOutput()
	}
}

// add has a session told. What the journal has decided a moment before, it may have
// told while the session was not there to hear: so it is asked to tell again.
func (u *unsavedAnswers) add(c *session, mark uint64) {
	u.mu.Lock()
	u.list = append(u.list, unsaved{c, mark})
	u.mu.Unlock()
	if saved, refused := c.server.journal.Settled(); mark <= max(saved, refused) {
		u.hurry()
	}
}

func (u *unsavedAnswers) hurry() {
	select {
	case u.moved <- struct{}{}:
	default: // it will look anyway
	}
}

// next takes out the session that has waited longest, if it need not any more.
func (u *unsavedAnswers) next(decided uint64) *session {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.list) == 0 || u.list[0].mark > decided {
		return nil
	}
	c := u.list[0].session
	u.list[0].session = nil
	u.list = u.list[1:]
	return c
}

// settle answers the reports that the journal has decided about.
func (s *Server) settle() {
	saved, refused := s.journal.Settled()
	for c := s.unsaved.next(max(saved, refused)); c != nil; c = s.unsaved.next(max(saved, refused)) {
		c.guard(func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.queue != nil && !c.over { // else it has gone
				c.floods = true
				c.queue.settle(saved, refused)
				c.sendAnswers()
				c.startSending()
			}
		})
	}
	if s.seat != nil {
		s.seat.Post(func() { s.seat.settle(saved, refused) })
	}
}
