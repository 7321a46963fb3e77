package monitor

import (
	"strconv"

	"proxyherd/herd"
)

// joined is values for what a server's backbone tells, if it has one.
func joined(of func(b *herd.BackboneStatus) float64) func(*Measures, put) {
	return func(m *Measures, put put) {
		if b := m.Status.Backbone; b != nil {
			put(of(b))
		}
	}
}

// ofShards is values for each shard of the clients, with its number.
func ofShards(held bool, of func(s *herd.ShardStatus) float64) func(*Measures, put) {
	return func(m *Measures, put put) {
		if m.Status.Backbone == nil {
			return
		}
		for i := range m.Status.Backbone.Shards {
			if s := &m.Status.Backbone.Shards[i]; s.Held || !held {
				put(of(s), strconv.Itoa(s.Number))
			}
		}
	}
}

// told is values of a counter whose labels say what was counted.
func told(of func(b *herd.BackboneStatus, put func(n int64, label string))) func(*Measures, put) {
	return func(m *Measures, put put) {
		if b := m.Status.Backbone; b != nil {
			of(b, func(n int64, label string) { put(float64(n), label) })
		}
	}
}

var backboneMetrics = []metric{
	{name: "herd_backbone_connected", kind: gauge, help: "1 while there is a connection with the backbone, else 0.",
		values: joined(func(b *herd.BackboneStatus) float64 { return truth(b.Connected) })},
	{name: "herd_backbone_connections_total", kind: counter, help: "Times that the connection with the backbone was made.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Opened) })},
	{name: "herd_backbone_peers", kind: gauge, help: "Other servers on the backbone that have said so of late.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(len(b.Peers)) })},
	{name: "herd_backbone_messages_total", kind: counter, labels: []string{"direction"}, help: "Messages published and received.",
		values: told(func(b *herd.BackboneStatus, put func(int64, string)) {
			put(b.Received, "in")
			put(b.Published, "out")
		})},
	{name: "herd_backbone_unsent_total", kind: counter, help: "Messages that could not be published.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Unsent) })},
	{name: "herd_backbone_missed_total", kind: counter, help: "Times that messages were found to be missing.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Missed) })},
	{name: "herd_backbone_refused_total", kind: counter, help: "Messages that nothing proves, or that make no sense.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Refused) })},
	{name: "herd_backbone_lines_total", kind: counter, labels: []string{"result"}, help: "Others' AT lines: taken, stale (no newer than the stored record) or dropped (no AT line, not of a shard that is held, or no room).",
		values: told(func(b *herd.BackboneStatus, put func(int64, string)) {
			put(b.Taken, "taken")
			put(b.Stale, "stale")
			put(b.Dropped, "dropped")
		})},
	{name: "herd_backbone_comparisons_total", kind: counter, help: "Comparisons of a shard that this server began and that came to an end.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Compared) })},
	{name: "herd_backbone_resync_records_total", kind: counter, labels: []string{"direction"}, help: "Records in which these differed.",
		values: told(func(b *herd.BackboneStatus, put func(int64, string)) {
			put(b.Fetched, "in")
			put(b.Mended, "out")
		})},
	{name: "herd_backbone_asked_total", kind: counter, help: "Commands about clients whose shard is not held here.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Asked) })},
	{name: "herd_backbone_unanswered_total", kind: counter, help: "Of those, how many nobody has answered.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Unanswered) })},
	{name: "herd_backbone_owned_total", kind: counter, help: "Other servers' of those that were answered here.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Owned) })},
	{name: "herd_backbone_twins_total", kind: counter, help: "Times that another server of this one's name was heard.",
		values: joined(func(b *herd.BackboneStatus) float64 { return float64(b.Twins) })},
	{name: "herd_shard_others", kind: gauge, labels: []string{"shard"}, help: "Other servers that hold the shard.",
		values: ofShards(false, func(s *herd.ShardStatus) float64 { return float64(s.Others) })},
	{name: "herd_shard_in_sync", kind: gauge, labels: []string{"shard"}, help: "1 if the last comparison of a shard that is held found no difference, and was of late, else 0.",
		values: ofShards(true, func(s *herd.ShardStatus) float64 { return truth(s.Sync == herd.InSync) })},
	{name: "herd_shard_checked_timestamp_seconds", kind: gauge, labels: []string{"shard"}, help: "When that was, since 1970; 0: never.",
		values: ofShards(true, func(s *herd.ShardStatus) float64 { return seconds(s.Checked) })},
	{name: "herd_shard_differing_buckets", kind: gauge, labels: []string{"shard"}, help: "Buckets of records that differed then.",
		values: ofShards(true, func(s *herd.ShardStatus) float64 { return float64(s.Differ) })},
}
