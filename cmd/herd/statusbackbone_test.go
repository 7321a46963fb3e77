package main

import (
	"strings"
	"testing"

	"proxyherd/herd"
)

func TestHowAServerStandsWithItsBackbone(t *testing.T) {
	shards := []herd.ShardStatus{
		{Number: 0, Held: true, Others: 2, Sync: herd.InSync}, {Number: 1, Held: true, Others: 1, Sync: herd.Behind},
		{Number: 2, Others: 3, Sync: herd.Unknown}, {Number: 3, Held: true, Sync: herd.Unknown}, // nobody to compare with
	}
	peers := make([]herd.BackbonePeer, 3)
	for _, test := range []struct {
		is            herd.BackboneStatus
		note, verdict string
	}{
		{herd.BackboneStatus{Error: "no servers", Shards: shards[:1]}, "backbone: not connected: no servers", "servers cut off from the backbone: 1 of 1"},
		{herd.BackboneStatus{Connected: true, Peers: peers, Shards: shards[:1]}, "backbone: 3 other servers, holds 1 of 1 shard", ""},
		{herd.BackboneStatus{Connected: true, Peers: peers, Shards: shards}, "backbone: 3 other servers, holds 3 of 4 shards, of which [1] not known to be in sync",
			"servers with shards not known to be in sync: 1 of 1"},
	} {
		o := overview{Servers: []sighting{{Name: "Hill", Status: &herd.Status{Backbone: &test.is}}}}
		verdict := ""
		if err := o.verdict(); err != nil {
			verdict = err.Error()
		}
		if got := backboneNote(&test.is); got != test.note || !strings.HasSuffix(verdict, test.verdict) || (verdict == "") != (test.verdict == "") {
			t.Errorf("%q and %q, want %q and %q", got, verdict, test.note, test.verdict)
		}
		if table := serversTable(o.Servers); !strings.Contains(table, test.note) {
			t.Errorf("the table lacks %q:\n%s", test.note, table)
		}
	}
}
