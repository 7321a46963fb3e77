package account

import (
	"maps"
	"slices"
	"sync"
)

// Life names a life of a server: its process from start to end.
type Life struct {
	Server string
	Number int
}

// Books are what clients have said and what they were answered. Only NewBooks makes
// them. Clients write in them at the same time.
type Books struct {
	Order Order

	mu           sync.Mutex
	issued       map[string]struct{} // claims
	ids          map[string]struct{} // of those whom they are about
	acknowledged map[Life]Newest
	count        int
}

// NewBooks returns empty books.
func NewBooks(o Order) *Books {
	return &Books{Order: o, issued: map[string]struct{}{}, ids: map[string]struct{}{}, acknowledged: map[Life]Newest{}}
}

// Issue notes, before it is sent, a report to a server.
func (b *Books) Issue(server, id, location, time string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.issued[claim(server, id, location, time)] = struct{}{}
	b.ids[id] = struct{}{}
}

// IDs returns the clients of whom something was reported, sorted.
func (b *Books) IDs() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.ids))
}

// Acknowledge notes an acknowledgement that a client has read, and in which life its
// server gave it.
func (b *Books) Acknowledge(l Life, r *Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.acknowledged[l]
	if n == nil {
		n = Newest{}
		b.acknowledged[l] = n
	}
	n.Take(b.Order, r)
	b.count++
}

// Acknowledged is how many reports have been acknowledged.
func (b *Books) Acknowledged() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count
}

// Newest returns the newest acknowledged report of each client.
func (b *Books) Newest() Newest {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := Newest{}
	for _, n := range b.acknowledged {
		for _, r := range n {
			all.Take(b.Order, r)
		}
	}
	return all
}
