package monitor

import "proxyherd/herd"

// copied is values for what a server's sink tells, if it has one.
func copied(of func(s *herd.SinkStatus) float64) func(*Measures, put) {
	return func(m *Measures, put put) {
		if s := m.Status.Sink; s != nil {
			put(of(s))
		}
	}
}

var sinkMetrics = []metric{
	{name: "herd_sink_failed_since_timestamp_seconds", kind: gauge, help: "When the sink's database began to fail, since 1970; 0 while it works.",
		values: copied(func(s *herd.SinkStatus) float64 { return seconds(s.FailedSince) })},
	{name: "herd_sink_failures_total", kind: counter, help: "Failed attempts to write to the database, to load from it or to ask it.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Failures) })},
	{name: "herd_sink_pending_records", kind: gauge, help: "Records that wait for the database.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Pending) })},
	{name: "herd_sink_pending_bytes", kind: gauge, help: "Bytes of memory for them.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.PendingBytes) })},
	{name: "herd_sink_whole", kind: gauge, help: "1 while the whole store is to be written, or is being, else 0.",
		values: copied(func(s *herd.SinkStatus) float64 { return truth(s.Whole) })},
	{name: "herd_sink_wholes_total", kind: counter, help: "Times that the whole store was written.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Wholes) })},
	{name: "herd_sink_records_total", kind: counter, labels: []string{"result"}, help: "Records given to the database: newer than what it had, stale (another server was first) or refused for good.",
		values: func(m *Measures, put put) {
			if s := m.Status.Sink; s != nil {
				put(float64(s.Written), "newer")
				put(float64(s.Stale), "stale")
				put(float64(s.Refused), "refused")
			}
		}},
	{name: "herd_sink_unplaced_total", kind: counter, help: "Of the newer ones, those at a latitude that the database has no place for.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Unplaced) })},
	{name: "herd_sink_batches_total", kind: counter, help: "Batches in which they were written.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Batches) })},
	{name: "herd_sink_last_write_timestamp_seconds", kind: gauge, help: "When the last batch was written, since 1970; 0: none was.",
		values: copied(func(s *herd.SinkStatus) float64 { return seconds(s.Last) })},
	{name: "herd_sink_lag_seconds", kind: gauge, help: "How long the oldest record that waits has waited.",
		values: copied(func(s *herd.SinkStatus) float64 { return s.Lag })},
	{name: "herd_sink_longest_lag_seconds", kind: gauge, help: "The longest time that a record ever waited until it was written.",
		values: copied(func(s *herd.SinkStatus) float64 { return s.LongestLag })},
	{name: "herd_sink_loaded_records", kind: gauge, help: "Records that the database had for this server, which had none.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Loaded) })},
	{name: "herd_sink_asked_total", kind: counter, help: "WHATSATs for a client that the herd does not know.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Asked) })},
	{name: "herd_sink_found_total", kind: counter, help: "Of those, how many the database had a record for.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Found) })},
	{name: "herd_sink_unasked_total", kind: counter, help: "And how many it was not asked, as it was failing.",
		values: copied(func(s *herd.SinkStatus) float64 { return float64(s.Unasked) })},
}
