package monitor

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"proxyherd/herd"
)

// metric is one that a server has: its name, and how its values come from
// Measures. docs/operating.md has a row for each; a test compares them.
type metric struct {
	name   string
	kind   prometheus.ValueType
	labels []string
	help   string
	values func(m *Measures, put put)
	// times is in the place of values for a histogram.
	times func(m *Measures) Histogram
}

// put takes one value, with its labels' values.
type put func(value float64, labels ...string)

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// metrics are all of them, in the order of the documentation.
var metrics = slices.Concat(serverMetrics, clientMetrics, whatsatMetrics, upstreamMetrics, linkMetrics, backboneMetrics, journalMetrics, sinkMetrics, logMetrics, loopMetrics)

var serverMetrics = []metric{
	{name: "herd_info", kind: gauge, labels: []string{"name", "design", "boot"}, help: "1; the labels tell which server this is.",
		values: func(m *Measures, put put) { put(1, m.Status.Name, m.Status.Design, m.Status.Boot) }},
	{name: "herd_start_time_seconds", kind: gauge, help: "When the server started, since 1970.",
		values: func(m *Measures, put put) { put(seconds(m.Status.Started)) }},
	{name: "herd_stopping", kind: gauge, help: "1 while the server stops, else 0.",
		values: func(m *Measures, put put) { put(truth(m.Status.Stopping)) }},
	{name: "herd_records", kind: gauge, help: "Clients of which a record is held.",
		values: func(m *Measures, put put) { put(float64(m.Status.Records)) }},
	{name: "herd_record_bytes", kind: gauge, help: "Bytes of those records.",
		values: func(m *Measures, put put) { put(float64(m.Status.RecordBytes)) }},
}

var clientMetrics = []metric{
	{name: "herd_connections", kind: gauge, help: "Clients connected.",
		values: func(m *Measures, put put) { put(float64(m.Status.Connections)) }},
	{name: "herd_connections_opened_total", kind: counter, help: "Clients that connected, those that were refused left out.",
		values: func(m *Measures, put put) { put(float64(m.Connected)) }},
	{name: "herd_connections_closed_total", kind: counter, labels: []string{"reason"}, help: "Connections of clients and neighbours that this server closed, cut or refused.",
		values: func(m *Measures, put put) {
			for _, reason := range slices.Sorted(maps.Keys(m.Status.Closed)) {
				put(float64(m.Status.Closed[reason]), reason)
			}
		}},
	{name: "herd_lines_total", kind: counter, labels: []string{"command"}, help: "Lines of clients, by what they were: IAMAT, WHATSAT or invalid.",
		values: func(m *Measures, put put) {
			c := m.Status.Counters
			put(float64(c.IAMAT), "IAMAT")
			put(float64(c.WHATSAT), "WHATSAT")
			put(float64(c.Invalid), "invalid")
		}},
	{name: "herd_reports_stale_total", kind: counter, help: "IAMATs that were no newer than the stored record.",
		values: func(m *Measures, put put) { put(float64(m.Status.Counters.Stale)) }},
	{name: "herd_reports_full_total", kind: counter, help: "IAMATs that the store had no room for.",
		values: func(m *Measures, put put) { put(float64(m.Status.Counters.Full)) }},
	{name: "herd_reports_unsaved_total", kind: counter, help: "IAMATs that were refused, as the journal's disk had failed.",
		values: func(m *Measures, put put) { put(float64(m.Status.Counters.Unsaved)) }},
	{name: "herd_client_bytes_total", kind: counter, labels: []string{"direction"}, help: "Bytes from and to clients.",
		values: func(m *Measures, put put) { putTraffic(m.Clients, put) }},
	{name: "herd_yields_total", kind: counter, help: "Times that a client's commands, or a neighbour's lines, had to wait for the others' turn.",
		values: func(m *Measures, put put) { put(float64(m.Status.Yielded)) }},
}

var whatsatMetrics = []metric{
	{name: "herd_whatsat_seconds", help: "From a WHATSAT to its answer.",
		times: func(m *Measures) Histogram { return m.Answers }},
	{name: "herd_whatsats_waiting", kind: gauge, help: "WHATSATs that wait for the upstream.",
		values: func(m *Measures, put put) { put(float64(m.Status.Waiting)) }},
	{name: "herd_whatsats_shared_total", kind: counter, help: "WHATSATs that joined an equal one that waited.",
		values: func(m *Measures, put put) { put(float64(m.Status.Shared)) }},
	{name: "herd_whatsats_refused_total", kind: counter, help: "WHATSATs answered at once with an error, as too many waited.",
		values: func(m *Measures, put put) { put(float64(m.Status.Surplus)) }},
}

var loopMetrics = []metric{
	{name: "herd_turn_seconds", help: "How long turns of the loop took, without the waiting for events.",
		times: func(m *Measures) Histogram { return m.Turns }},
	{name: "herd_turn_thread_seconds", help: "The same by the processor time of the loop's thread, with log.thread_time.",
		times: func(m *Measures) Histogram { return m.ThreadTurns }},
	{name: "herd_turns_slow_total", kind: counter, help: "Turns that took longer than 10 ms; each has a line in the log.",
		values: func(m *Measures, put put) {
			if loop := m.Status.Loop; loop != nil {
				put(float64(loop.Slow))
			}
		}},
	{name: "herd_turn_slowest_seconds", kind: gauge, labels: []string{"callback"}, help: "The slowest turn of the last one to two minutes, and which callback took longest in it.",
		values: func(m *Measures, put put) {
			if loop := m.Status.Loop; loop != nil && loop.Slowest > 0 {
				put(loop.Slowest, loop.Callback)
			}
		}},
	{name: "herd_turn_thread_slowest_seconds", kind: gauge, labels: []string{"callback"}, help: "The slowest turn of that time by its thread's, and which callback took longest in it by the clock.",
		values: func(m *Measures, put put) {
			if slowest := m.ThreadSlowest; slowest.Seconds > 0 {
				put(slowest.Seconds, slowest.Callback)
			}
		}},
}

func putTraffic(t herd.Traffic, put put) {
	put(float64(t.In), "in")
	put(float64(t.Out), "out")
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// seconds is a moment since 1970; 0 where there was none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}
