package monitor

import "proxyherd/herd"

// eachLink is values for a number that each link has.
func eachLink(of func(l herd.LinkStatus) float64) func(*Measures, put) {
	return func(m *Measures, put put) {
		for _, l := range m.Status.Links {
			put(of(l), l.Peer)
		}
	}
}

// eachExchange is values for a sum over each link's re-syncs.
func eachExchange(of func(e herd.Exchanges) uint64) func(*Measures, put) {
	return func(m *Measures, put put) {
		for i, e := range m.Exchanges {
			put(float64(of(e)), m.Status.Links[i].Peer)
		}
	}
}

var peer = []string{"peer"}

var linkMetrics = []metric{
	{name: "herd_link_up", kind: gauge, labels: peer, help: "1 while the link is open, else 0.",
		values: eachLink(func(l herd.LinkStatus) float64 { return truth(l.Up) })},
	{name: "herd_link_sync", kind: gauge, labels: []string{"peer", "state"}, help: "1 for what the last comparison of records came to: in_sync, behind, or unknown if there was none of late; 0 for the others.",
		values: func(m *Measures, put put) {
			for _, l := range m.Status.Links {
				for _, state := range []herd.Sync{herd.InSync, herd.Behind, herd.Unknown} {
					put(truth(l.Sync == state), l.Peer, string(state))
				}
			}
		}},
	{name: "herd_link_checked_timestamp_seconds", kind: gauge, labels: peer, help: "When that was, since 1970; 0: never.",
		values: eachLink(func(l herd.LinkStatus) float64 { return seconds(l.Checked) })},
	{name: "herd_link_differing_buckets", kind: gauge, labels: peer, help: "Buckets of records that differed then.",
		values: eachLink(func(l herd.LinkStatus) float64 { return float64(l.Differ) })},
	{name: "herd_link_round_trip_seconds", kind: gauge, labels: peer, help: "How long a heartbeat and its echo took; 0: no heartbeat has told.",
		values: eachLink(func(l herd.LinkStatus) float64 { return l.RoundTrip })},
	{name: "herd_link_clock_offset_seconds", kind: gauge, labels: peer, help: "How far the neighbour's clock is ahead of this server's.",
		values: eachLink(func(l herd.LinkStatus) float64 { return l.Clock })},
	{name: "herd_link_waiting_bytes", kind: gauge, labels: peer, help: "Bytes that were handed over and that the system has not taken yet.",
		values: eachLink(func(l herd.LinkStatus) float64 { return float64(l.Waiting) })},
	{name: "herd_link_changed_clients", kind: gauge, labels: peer, help: "Changed clients noted for a neighbour that is slow.",
		values: eachLink(func(l herd.LinkStatus) float64 { return float64(l.Changed) })},
	{name: "herd_link_dumping", kind: gauge, labels: peer, help: "1 while the whole store is on its way, else 0.",
		values: eachLink(func(l herd.LinkStatus) float64 { return truth(l.Dumping) })},
	{name: "herd_link_opened_total", kind: counter, labels: peer, help: "Times that the link was opened.",
		values: eachLink(func(l herd.LinkStatus) float64 { return float64(l.Opened) })},
	{name: "herd_link_resyncs_total", kind: counter, labels: peer, help: "Exchanges of records that differed, counted by the server that dialled the link, like the three below.",
		values: eachExchange(func(e herd.Exchanges) uint64 { return e.Count })},
	{name: "herd_link_resync_round_trips_total", kind: counter, labels: peer, help: "Round trips that these took.",
		values: eachExchange(func(e herd.Exchanges) uint64 { return e.RoundTrips })},
	{name: "herd_link_resync_bytes_total", kind: counter, labels: peer, help: "Their bytes, both ways.",
		values: eachExchange(func(e herd.Exchanges) uint64 { return e.Bytes })},
	{name: "herd_link_resync_records_total", kind: counter, labels: []string{"peer", "direction"}, help: "Their records.",
		values: func(m *Measures, put put) {
			for i, e := range m.Exchanges {
				putTraffic(herd.Traffic{In: e.Received, Out: e.Sent}, func(v float64, direction ...string) { put(v, m.Status.Links[i].Peer, direction[0]) })
			}
		}},
	{name: "herd_link_bytes_total", kind: counter, labels: []string{"direction"}, help: "Bytes from and to neighbours, handshakes included.",
		values: func(m *Measures, put put) { putTraffic(m.Links, put) }},
	{name: "herd_peer_lines_total", kind: counter, labels: []string{"result"}, help: "Neighbours' AT lines: taken, stale (no newer than the stored record), dropped (no AT line) or full (no room).",
		values: func(m *Measures, put put) {
			c := m.Status.Counters
			put(float64(c.PeerTaken), "taken")
			put(float64(c.PeerStale), "stale")
			put(float64(c.PeerDropped), "dropped")
			put(float64(c.PeerFull), "full")
		}},
	{name: "herd_peers_unproved", kind: gauge, help: "Connections of neighbours that have not proved the secret yet.",
		values: func(m *Measures, put put) { put(float64(m.Unproved)) }},
}
