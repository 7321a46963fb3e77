package goroutineherd

import "slices"

// changedSet is a set of client ids that gives them back in the order in which
// they were added. The zero value is empty.
type changedSet struct {
	order []string // may have ids that were removed since
	ids   map[string]struct{}
}

func (s *changedSet) len() int { return len(s.ids) }

func (s *changedSet) add(id []byte) {
	if _, known := s.ids[string(id)]; known {
		return
	}
	if s.ids == nil {
		s.ids = make(map[string]struct{})
	}
	key := string(id)
	s.ids[key] = struct{}{}
	s.order = append(s.order, key)
}

func (s *changedSet) remove(id []byte) {
	delete(s.ids, string(id))
	// Ids that come and go leave traces in the order: drop them before they are
	// most of it.
	if len(s.order) > 2*len(s.ids)+64 {
		s.order = slices.DeleteFunc(s.order, func(id string) bool { _, there := s.ids[id]; return !there })
	}
}

// take removes the id that was added first; there must be one.
func (s *changedSet) take() []byte {
	for {
		id := s.order[0]
		s.order = s.order[1:]
		if _, there := s.ids[id]; there {
			delete(s.ids, id)
			return []byte(id)
		}
	}
}

func (s *changedSet) clear() { *s = changedSet{} }
