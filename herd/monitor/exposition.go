package monitor

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// exposition is the page for Prometheus. The server's numbers are kept on its loop
// as plain numbers, and become metrics only here, once a scrape.
type exposition struct {
	measures func(context.Context) (Measures, error)
	descs    []*prometheus.Desc   // of metrics, in their order
	process  *prometheus.Registry // of Go's runtime and of the process
}

func newExposition(measures func(context.Context) (Measures, error)) *exposition {
	e := &exposition{measures: measures, process: prometheus.NewRegistry()}
	// Of the runtime's many metrics, beside the usual ones, what garbage costs.
	garbage := collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile(`^/cpu/classes/gc/total:cpu-seconds$`)}
	e.process.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(garbage)), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, m := range metrics {
		e.descs = append(e.descs, prometheus.NewDesc(m.name, m.help, m.labels, nil))
	}
	return e
}

func (e *exposition) serve(w http.ResponseWriter, r *http.Request) {
	m, err := ask(r, e.measures)
	if err != nil {
		unavailable(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	promhttp.HandlerFor(e.of(m), promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(w, r)
}

// of is all metrics as they stand.
func (e *exposition) of(m Measures) prometheus.Gatherer {
	scrape := prometheus.NewRegistry()
	scrape.MustRegister(moment{e, &m})
	return prometheus.Gatherers{scrape, e.process}
}

// moment is what a server counted when it was asked; a prometheus.Collector.
type moment struct {
	*exposition
	measures *Measures
}

// Describe tells which metrics there are.
func (m moment) Describe(to chan<- *prometheus.Desc) {
	for _, d := range m.descs {
		to <- d
	}
}

// Collect tells their values.
func (m moment) Collect(to chan<- prometheus.Metric) {
	for i, metric := range metrics {
		desc := m.descs[i]
		if metric.times != nil {
			if h := metric.times(m.measures); h.Bounds != nil {
				count, buckets := h.cumulative()
				to <- prometheus.MustNewConstHistogram(desc, count, h.Sum.Seconds(), buckets)
			}
			continue
		}
		metric.values(m.measures, func(value float64, labels ...string) {
			for i, text := range labels {
				labels[i] = label(text)
			}
			to <- prometheus.MustNewConstMetric(desc, metric.kind, value, labels...)
		})
	}
}

// label is a text as a label's value, which must be UTF-8: a server's name may be
// any bytes. Two names stay two.
func label(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strconv.Quote(text)
}
