package herd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What can be wrong with a list of servers. Each is found wrapped in a
// FieldError.
var (
	ErrNoServers   = errors.New("the herd has no server")
	ErrBadName     = errors.New("not a name")
	ErrNameTwice   = errors.New("the name is used twice")
	ErrUnknownName = errors.New("no server has this name")
	ErrTalksToSelf = errors.New("a server cannot talk to itself")
	ErrOneSided    = errors.New("the link is one-sided")
)

// maxName bounds names so that an AT line made from the longest client line
// still fits the peers' limit with room to spare.
const maxName = 255

// Topology is who talks to whom: an undirected graph of named servers. Only
// NewTopology makes one. It is never changed afterwards, so it may be shared.
type Topology struct {
	names      []string            // in the order of the list
	neighbours map[string][]string // each sorted
}

// NewTopology builds the graph from a list of servers, and checks their names,
// links and addresses. The error joins one FieldError per mistake.
func NewTopology(servers []Server) (*Topology, error) {
	if len(servers) == 0 {
		return nil, fieldError("servers", ErrNoServers, "list at least one, or leave the key out for the built-in herd")
	}
	index := make(map[string]int, len(servers))
	errs := checkNames(servers, index)
	for i := range servers {
		errs = append(errs, checkTalksTo(servers, index, i)...)
	}
	errs = append(errs, checkAddresses(servers)...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	t := &Topology{neighbours: make(map[string][]string, len(servers))}
	for _, s := range servers {
		t.names = append(t.names, s.Name)
		t.neighbours[s.Name] = slices.Sorted(slices.Values(s.TalksTo))
	}
	return t, nil
}

// Names returns the servers' names in the order of the config. The slice is the
// Topology's own.
func (t *Topology) Names() []string { return t.names }

// Neighbours returns the sorted names of those who talk to the named server, or
// nil for a name that is not in the herd. The slice is the Topology's own.
func (t *Topology) Neighbours(name string) []string { return t.neighbours[name] }

// Linked reports whether two servers talk to each other.
func (t *Topology) Linked(a, b string) bool {
	_, found := slices.BinarySearch(t.neighbours[a], b)
	return found
}

// Links returns how many links the herd has. A flooded update costs
// 2*Links - (servers - 1) messages in a herd that is in one piece.
func (t *Topology) Links() int {
	ends := 0
	for _, name := range t.names {
		ends += len(t.neighbours[name])
	}
	return ends / 2
}

// Pieces returns the servers in groups that can reach each other. A herd where
// everybody can reach everybody is one piece. Groups are in the order of the
// config by their first member, and so are the members of each.
func (t *Topology) Pieces() [][]string {
	piece := make(map[string]int, len(t.names))
	pieces := 0
	for _, name := range t.names {
		if _, seen := piece[name]; !seen {
			t.mark(name, pieces, piece)
			pieces++
		}
	}
	groups := make([][]string, pieces)
	for _, name := range t.names {
		groups[piece[name]] = append(groups[piece[name]], name)
	}
	return groups
}

// mark walks from a server over its links and notes whom it can reach.
func (t *Topology) mark(from string, number int, piece map[string]int) {
	piece[from] = number
	for reached := []string{from}; len(reached) > 0; {
		name := reached[0]
		reached = reached[1:]
		for _, next := range t.neighbours[name] {
			if _, seen := piece[next]; !seen {
				piece[next] = number
				reached = append(reached, next)
			}
		}
	}
}

func (t *Topology) warnings() []string {
	pieces := t.Pieces()
	if len(pieces) == 1 {
		return nil
	}
	groups := make([]string, len(pieces))
	for i, p := range pieces {
		groups[i] = "(" + strings.Join(p, ", ") + ")"
	}
	return []string{fmt.Sprintf("servers: the herd is in %d pieces that cannot reach each other: %s; "+
		"a report to one piece is not known in the others; add talks_to names on both sides to join them",
		len(pieces), strings.Join(groups, " "))}
}

// checkNames fills index with the place of each name in the list.
func checkNames(servers []Server, index map[string]int) (errs []error) {
	for i, s := range servers {
		path := fmt.Sprintf("servers[%d].name", i)
		if err := checkToken(path, s.Name); err != nil {
			errs = append(errs, err)
			continue
		}
		if first, used := index[s.Name]; used {
			errs = append(errs, fieldError(path, ErrNameTwice, "%s is the name of servers[%d] already; rename one of them", s.Name, first))
			continue
		}
		index[s.Name] = i
	}
	return errs
}

// checkTalksTo checks the links that servers[i] lists. That a link is missing
// at the other end is said there, where it would be added.
func checkTalksTo(servers []Server, index map[string]int, i int) (errs []error) {
	me := servers[i]
	path := fmt.Sprintf("servers[%d].talks_to", i)
	for k, name := range me.TalksTo {
		other, known := index[name]
		switch {
		case name == me.Name:
			errs = append(errs, fieldError(path, ErrTalksToSelf, "remove %s from its own list", name))
		case !known:
			errs = append(errs, fieldError(path, ErrUnknownName, "%s talks to %q, which is not in the herd; mend the name or add the server", me.Name, name))
		case slices.Contains(me.TalksTo[:k], name):
			errs = append(errs, fieldError(path, ErrNameTwice, "%s talks to %s twice; remove one", me.Name, name))
		case !slices.Contains(servers[other].TalksTo, me.Name):
			errs = append(errs, fieldError(fmt.Sprintf("servers[%d].talks_to", other), ErrOneSided,
				"%s talks to %s, but %s does not talk to %s; add %q here, or remove %q from %s",
				me.Name, name, name, me.Name, me.Name, name, path))
		}
	}
	return errs
}

// checkToken checks a name of a server or of a herd: it is a field of a line, a
// part of a log line and the name of a file.
func checkToken(path, name string) error {
	switch {
	case name == "":
		return fieldError(path, ErrBadName, "it is empty; give one")
	case len(name) > maxName:
		return fieldError(path, ErrBadName, "it has %d bytes; %d are allowed", len(name), maxName)
	case hasSpaceOrControl(name):
		return fieldError(path, ErrBadName, "%q has white space or a control byte in it; take it out", name)
	case strings.Contains(name, "/"):
		return fieldError(path, ErrBadName, `%q has a "/" in it, and is also the name of a file; take it out`, name)
	}
	return nil
}

func hasSpaceOrControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}
