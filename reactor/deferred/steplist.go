package deferred

// steps is the steps that have not run, in order. Three have room in it, so
// that the usual Deferred is one piece of memory with all that is added to it.
// Those that come when the room is used up are elsewhere, until all have run.
type steps[T any] struct {
	room        [3]step[T]
	first, last uint8 // room[first:last] are to run
	more        *[]step[T]
}

func (s *steps[T]) empty() bool { return s.first == s.last && s.more == nil }

func (s *steps[T]) push(added step[T]) {
	if int(s.last) < len(s.room) && s.more == nil {
		s.room[s.last] = added
		s.last++
		return
	}
	s.pushMore(added)
}

func (s *steps[T]) pushMore(added step[T]) {
	switch {
	case s.more != nil:
		*s.more = append(*s.more, added)
	case s.first == s.last: // all have run: the room is free again
		s.room[0] = added
		s.first, s.last = 0, 1
	default:
		s.more = &[]step[T]{added}
	}
}

// pop takes the first, or gives nil.
func (s *steps[T]) pop() step[T] {
	if s.first == s.last {
		return s.popMore()
	}
	at := &s.room[s.first]
	taken := *at
	*at = nil // for the collector
	s.first++
	return taken
}

func (s *steps[T]) popMore() step[T] {
	if s.more == nil {
		return nil
	}
	more := *s.more
	taken := more[0]
	more[0] = nil
	*s.more = more[1:]
	if len(more) == 1 {
		s.more = nil
	}
	return taken
}
