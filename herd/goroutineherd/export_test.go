package goroutineherd

import (
	"slices"
	"strings"
)

// Records are the lines that a server holds, sorted.
func Records(s *Server) string {
	var lines []string
	for at, more := (cursor{}), true; more; {
		at, more = s.store.Walk(at, 100, func(line []byte) { lines = append(lines, string(line)) })
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// Shards is how many parts a server's store has, and how many hold something.
func Shards(s *Server) (all, used int) {
	for i := range s.store.shards {
		if all++; s.store.shards[i].Len() > 0 {
			used++
		}
	}
	return all, used
}

// Books are what a server keeps count of and must not lose count of. The map is
// from what is counted to how much of it there is.
func Books(s *Server) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asking.Lock()
	defer s.asking.Unlock()
	return map[string]int{
		"sessions": len(s.sessions), "origins": len(s.clients.origins), "questions": len(s.questions),
		"waiting": int(s.waiting.Load()), "links": len(s.peers), "unproved": s.unproved,
	}
}
