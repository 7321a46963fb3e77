package account

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Evidence is what is known of a server once all is mended.
type Evidence struct {
	Life     Life      // the present one
	Received *Received // what its log says
	Held     Newest    // what it answers now
}

// Account is what the books and the evidence come to.
type Account struct {
	Acknowledged int   // reports, in all
	Clients      int   // of which at least one was acknowledged
	Receivers    []int // newest acknowledged reports by how many servers had received them
	Holders      int   // newest acknowledged reports that a server had which lived on
	Without      int   // the others
	Lost         int   // of those, how many are lost
	Wrong        []string
}

// mostWrong bounds how much is told of what is wrong.
const mostWrong = 20

func (a *Account) wrong(format string, args ...any) {
	if len(a.Wrong) == mostWrong {
		a.Wrong = append(a.Wrong, "and more of that kind")
	}
	if len(a.Wrong) < mostWrong {
		a.Wrong = append(a.Wrong, fmt.Sprintf(format, args...))
	}
}

// Settle holds what all servers answer now against the books and their logs. With
// journals, which survive what their server does not, nothing acknowledged may be
// missing, whoever had received it.
func (b *Books) Settle(servers []Evidence, journals bool) *Account {
	a := &Account{Acknowledged: b.Acknowledged(), Receivers: make([]int, len(servers)+1)}
	newest := b.Newest()
	a.Clients = len(newest)
	a.agree(servers)
	for _, s := range servers {
		b.known(a, s)
	}
	held := b.survivors(servers)
	for _, id := range slices.Sorted(maps.Keys(held)) {
		for _, s := range servers {
			if b.Order.Older(s.Held[id], held[id]) {
				a.wrong("%s holds %v, and a server that has lived on had received %v", s.Life.Server, s.Held[id], held[id])
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(newest)) {
		b.judge(a, servers, newest[id], held[id], journals)
	}
	return a
}

// agree checks that all servers hold the same bytes.
func (a *Account) agree(servers []Evidence) {
	for _, s := range servers[1:] {
		first := servers[0]
		if len(s.Held) != len(first.Held) {
			a.wrong("%s holds records of %d clients, and %s of %d", first.Life.Server, len(first.Held), s.Life.Server, len(s.Held))
		}
		for _, id := range slices.Sorted(maps.Keys(first.Held)) {
			if s.Held[id].String() != first.Held[id].String() {
				a.wrong("%s holds %v, and %s %v", first.Life.Server, first.Held[id], s.Life.Server, s.Held[id])
			}
		}
	}
}

// known checks that what a server holds was reported by somebody.
func (b *Books) known(a *Account, s Evidence) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.Held)) {
		if _, issued := b.issued[s.Held[id].claim()]; !issued {
			a.wrong("%s holds %v, and nobody has reported that", s.Life.Server, s.Held[id])
		}
	}
}

// survivors returns, for each client that somebody has reported on, the newest report that a server has had which
// has lived on since: one that stands in its log, or that it has acknowledged.
func (b *Books) survivors(servers []Evidence) Newest {
	b.mu.Lock()
	defer b.mu.Unlock()
	held := Newest{}
	for _, s := range servers {
		for _, had := range []Newest{s.Received.Since, b.acknowledged[s.Life]} {
			for id, r := range had {
				// What strangers said to a server stands in its log too.
				if _, ours := b.ids[id]; ours {
					held.Take(b.Order, r)
				}
			}
		}
	}
	return held
}

// judge looks what has become of the newest acknowledged report of a client.
func (b *Books) judge(a *Account, servers []Evidence, newest, held *Report, journals bool) {
	var receivers []string
	for _, s := range servers {
		if !b.Order.Older(s.Received.Ever[newest.ID()], newest) {
			receivers = append(receivers, s.Life.Server)
		}
	}
	a.Receivers[len(receivers)]++
	if !b.Order.Older(held, newest) {
		a.Holders++
		return
	}
	a.Without++
	now := servers[0].Held[newest.ID()]
	if !b.Order.Older(now, newest) {
		return
	}
	a.Lost++
	if journals {
		a.wrong("%v was acknowledged, and the servers, which keep journals, hold %v; received by %s",
			newest, now, strings.Join(receivers, ", "))
	}
}
