package monitor

import "proxyherd/herd"

// asked is values for a number that the upstream's client counts, if it does.
func asked(of func(u *herd.UpstreamStatus) int64) func(*Measures, put) {
	return func(m *Measures, put put) {
		if u := m.Status.Upstream; u != nil {
			put(float64(of(u)))
		}
	}
}

var upstreamMetrics = []metric{
	{name: "herd_upstream_questions_total", kind: counter, help: "Questions for the upstream.",
		values: asked(func(u *herd.UpstreamStatus) int64 { return u.Asked })},
	{name: "herd_upstream_requests_total", kind: counter, help: "Requests sent to it, second attempts included.",
		values: asked(func(u *herd.UpstreamStatus) int64 { return u.Requests })},
	{name: "herd_upstream_connections_total", kind: counter, help: "Connections opened for them; the other requests went over one that was there.",
		values: asked(func(u *herd.UpstreamStatus) int64 { return u.Dialled })},
	{name: "herd_upstream_retries_total", kind: counter, help: "Second attempts.",
		values: asked(func(u *herd.UpstreamStatus) int64 { return u.Retried })},
	{name: "herd_upstream_shared_total", kind: counter, help: "Questions that joined an equal one under way.",
		values: asked(func(u *herd.UpstreamStatus) int64 { return u.Shared })},
	{name: "herd_upstream_cached_total", kind: counter, help: "Questions answered from the cache.",
		values: asked(func(u *herd.UpstreamStatus) int64 { return u.Cached })},
	{name: "herd_upstream_results_total", kind: counter, labels: []string{"result"}, help: "What the questions came to.",
		values: func(m *Measures, put put) {
			u := m.Status.Upstream
			if u == nil {
				return
			}
			for _, r := range []struct {
				n    int64
				name string
			}{
				{u.Answered, "answered"}, {u.Timeouts, "timeout"}, {u.Withdrawn, "withdrawn"}, {u.Unreachable, "unreachable"},
				{u.CutOff, "cut_off"}, {u.TooLong, "too_long"}, {u.NotJSON, "not_json"}, {u.Refused, "refused"},
				{u.Limited, "limited"}, {u.Resting, "resting"}, {u.Broken, "broken"},
			} {
				put(float64(r.n), r.name)
			}
		}},
	{name: "herd_upstream_breaker", kind: gauge, labels: []string{"state"}, help: "1 for how the breaker stands: closed (all is well), open or half-open; 0 for the others.",
		values: func(m *Measures, put put) {
			if u := m.Status.Upstream; u != nil {
				for _, state := range []string{"closed", "open", "half-open"} {
					put(truth(u.Breaker == state), state)
				}
			}
		}},
	{name: "herd_upstream_paused_until_timestamp_seconds", kind: gauge, help: "When it may be asked again, since 1970; 0: now.",
		values: asked(func(u *herd.UpstreamStatus) int64 { return u.PausedUntil })},
}

var logMetrics = []metric{
	{name: "herd_log_dropped_total", kind: counter, help: "Pieces of traffic and events that did not fit into the log's queue.",
		values: func(m *Measures, put put) { put(float64(m.Log.Dropped)) }},
	{name: "herd_log_dropped_bytes_total", kind: counter, help: "Their bytes.",
		values: func(m *Measures, put put) { put(float64(m.Log.DroppedBytes)) }},
	{name: "herd_log_echo_dropped_total", kind: counter, help: "Events that standard error did not take in time; the log has them.",
		values: func(m *Measures, put put) { put(float64(m.Log.EchoDropped)) }},
	{name: "herd_log_lost_bytes_total", kind: counter, help: "Bytes of the log that failed writes lost.",
		values: func(m *Measures, put put) { put(float64(m.Log.LostBytes)) }},
	{name: "herd_log_write_errors_total", kind: counter, help: "Failed attempts to write, rotate or reopen the log.",
		values: func(m *Measures, put put) { put(float64(m.Log.WriteErrors)) }},
	{name: "herd_log_waiting_bytes", kind: gauge, help: "Bytes of memory that what waits for the disk holds.",
		values: func(m *Measures, put put) { put(float64(m.Log.Waiting)) }},
}
