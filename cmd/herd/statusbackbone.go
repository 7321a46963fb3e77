package main

import (
	"fmt"

	"proxyherd/herd"
)

// behindOn are the shards of a server's that others hold too, and that are not known to
// be in sync.
func behindOn(b *herd.BackboneStatus) (shards []int) {
	for _, s := range b.Shards {
		if s.Held && s.Others > 0 && s.Sync != herd.InSync {
			shards = append(shards, s.Number)
		}
	}
	return shards
}

// backboneNote tells how a server stands with its backbone.
func backboneNote(b *herd.BackboneStatus) string {
	if !b.Connected {
		return "backbone: not connected: " + orDash(b.Error)
	}
	held := 0
	for _, s := range b.Shards {
		if s.Held {
			held++
		}
	}
	text := fmt.Sprintf("backbone: %s, holds %d of %s", count(len(b.Peers), "other server"), held, count(len(b.Shards), "shard"))
	if behind := behindOn(b); len(behind) > 0 {
		text += fmt.Sprintf(", of which %v not known to be in sync", behind)
	}
	return text
}
