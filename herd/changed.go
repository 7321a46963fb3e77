package herd

import "slices"

// ChangedSet is the ids of clients whose records a slow neighbour is still to be
// sent. It gives them back in the order in which they were added. The zero value is
// empty.
type ChangedSet struct {
	order []addition // may have ids that were removed since
	ids   map[string]uint64
	added uint64 // so far; the number of the last addition
}

// addition is an id's, if it is still its last: one that was removed and added again
// has another number.
type addition struct {
	id     string
	number uint64
}

// Len is how many there are.
func (s *ChangedSet) Len() int { return len(s.ids) }

// Add copies an id, unless it is there.
func (s *ChangedSet) Add(id []byte) {
	if _, known := s.ids[string(id)]; known {
		return
	}
	if s.ids == nil {
		s.ids = make(map[string]uint64)
	}
	s.added++
	a := addition{string(id), s.added}
	s.ids[a.id] = a.number
	s.order = append(s.order, a)
}

// Remove takes an id out, if it is there.
func (s *ChangedSet) Remove(id []byte) {
	delete(s.ids, string(id))
	// Ids that come and go leave traces in the order: drop them before they are
	// most of it.
	if len(s.order) > 2*len(s.ids)+64 {
		s.order = slices.DeleteFunc(s.order, func(a addition) bool { return !s.counts(a) })
	}
}

// Take removes the id that was added first, and returns it; there must be one.
func (s *ChangedSet) Take() []byte {
	for {
		a := s.order[0]
		s.order = s.order[1:]
		if s.counts(a) {
			delete(s.ids, a.id)
			return []byte(a.id)
		}
	}
}

// counts reports whether an addition has not been undone since.
func (s *ChangedSet) counts(a addition) bool { return s.ids[a.id] == a.number }

// Clear takes all out.
func (s *ChangedSet) Clear() { *s = ChangedSet{} }
