package reactorherd

import (
	"slices"
	"strings"

	"proxyherd/herd"
)

// Records are the lines that a server holds, sorted.
func Records(s *Server) string {
	var lines []string
	s.node.Store().Walk(herd.Cursor{}, s.node.Store().Len(), func(line []byte) { lines = append(lines, string(line)) })
	slices.Sort(lines)
	return strings.Join(lines, "")
}
