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
