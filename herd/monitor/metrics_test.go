package monitor

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"proxyherd/herd"
)

// busy is a server of which everything has happened, each thing a different number
// of times.
func busy(t *testing.T) Measures {
	t.Helper()
	m := Measures{Status: herd.Status{
		Name: "Hill", Design: "reactor", Boot: "b007", Started: time.Unix(1_353_118_103, 0), Stopping: true,
		Closed:   map[string]int64{"idle": 901, "http": 902},
		Loop:     &herd.LoopStatus{Slowest: 0.02, Callback: "timer main.tick"},
		Upstream: &herd.UpstreamStatus{Breaker: "open"},
		Journal:  &herd.JournalStatus{FailedSince: time.Unix(1_353_118_105, 0), LastSync: time.Unix(1_353_118_106, 0)},
		Sink:     &herd.SinkStatus{FailedSince: time.Unix(1_353_118_107, 0), Last: time.Unix(1_353_118_108, 0), Whole: true},
		Backbone: &herd.BackboneStatus{
			Connected: true, Peers: make([]herd.BackbonePeer, 7001),
			Shards: []herd.ShardStatus{{Number: 3, Held: true, Sync: herd.InSync, Checked: time.Unix(1_353_118_107, 0)}},
		},
		Links: []herd.LinkStatus{
			{Peer: "Meeks", Up: true, Sync: herd.InSync, Checked: time.Unix(1_353_118_104, 500_000_000), Dumping: true},
			{Peer: "Young", Sync: herd.Unknown},
		},
	}}
	m.Exchanges = make([]herd.Exchanges, 2)
	bounds := []time.Duration{time.Millisecond, time.Second}
	m.Answers = Histogram{bounds, []uint64{11, 12, 13}, 1500 * time.Millisecond}
	m.Turns = Histogram{bounds, []uint64{14, 15, 16}, time.Second}
	m.ThreadTurns = Histogram{bounds, []uint64{17, 18, 19}, time.Second}
	m.ThreadSlowest = Turn{Seconds: 0.03, Callback: "timer main.tock"}
	// Each number that is still 0 becomes one of its own.
	next := int64(1000)
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch {
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() && v.Type() != reflect.TypeFor[Histogram]():
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		case v.Kind() == reflect.Pointer:
			fill(v.Elem())
		case v.CanInt() && v.Int() == 0:
			v.SetInt(next)
			next++
		case v.CanUint() && v.Uint() == 0:
			v.SetUint(uint64(next))
			next++
		case v.CanFloat() && v.Float() == 0:
			v.SetFloat(float64(next))
			next++
		}
	}
	fill(reflect.ValueOf(&m).Elem())
	return m
}

// expose is a server's page for Prometheus.
func expose(t *testing.T, m Measures) string {
	t.Helper()
	answer := get(Pages{Measures: func(context.Context) (Measures, error) { return m, nil }}, "GET", "/metrics")
	if answer.Code != 200 || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain; version=0.0.4") || answer.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %v: %s", answer.Code, answer.Header(), answer.Body)
	}
	return answer.Body.String()
}

func TestTheLinterFindsNothing(t *testing.T) {
	for _, m := range []Measures{{}, busy(t)} {
		problems, err := promlint.New(strings.NewReader(expose(t, m))).Lint()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	// What is looked for is found.
	bad := "# TYPE herd_bad_thing counter\nherd_bad_thing 1\n"
	if problems, err := promlint.New(strings.NewReader(bad)).Lint(); err != nil || len(problems) == 0 {
		t.Errorf("of %q the linter says %v, %v", bad, problems, err)
	}
}

// TestEveryNumberIsExposedOnce looks for each number of a busy server among the
// metrics: those that are shown are shown once, and those that are not are named
// here.
func TestEveryNumberIsExposedOnce(t *testing.T) {
	m := busy(t)
	text := expose(t, m)
	var ours []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "herd_") {
			ours = append(ours, strings.TrimSpace(line))
		}
	}
	// Of a link's last re-sync there are sums, of answers there is a histogram, and a
	// shard's number is a label.
	hidden := regexp.MustCompile(`Links\[\d\]\.Resync\.|Status\.Answers\.|Shards\[\d\]\.Number`)
	checked := 0
	var look func(path string, v reflect.Value)
	look = func(path string, v reflect.Value) {
		shown := func(n float64) {
			if hidden.MatchString(path) {
				return
			}
			checked++
			found := 0
			for _, line := range ours {
				if value := line[strings.LastIndexByte(line, ' ')+1:]; value == fmt.Sprint(n) {
					found++
				}
			}
			if found != 1 {
				t.Errorf("%s, which is %v, is shown %d times", path, n, found)
			}
		}
		switch {
		case v.Type() == reflect.TypeFor[time.Time](), v.Type() == reflect.TypeFor[Histogram]():
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				look(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				look(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		case v.Kind() == reflect.Pointer:
			look(path, v.Elem())
		case v.CanInt():
			shown(float64(v.Int()))
		case v.CanUint():
			shown(float64(v.Uint()))
		case v.CanFloat():
			shown(v.Float())
		}
	}
	look("", reflect.ValueOf(m))
	if checked < 60 {
		t.Errorf("%d numbers were looked for", checked)
	}
	for _, want := range []string{
		`herd_info{boot="b007",design="reactor",name="Hill"} 1`,
		`herd_start_time_seconds 1.353118103e+09`, `herd_stopping 1`,
		`herd_connections_closed_total{reason="http"} 902`, `herd_connections_closed_total{reason="idle"} 901`,
		`herd_link_up{peer="Meeks"} 1`, `herd_link_up{peer="Young"} 0`,
		`herd_link_sync{peer="Meeks",state="in_sync"} 1`, `herd_link_sync{peer="Meeks",state="behind"} 0`,
		`herd_link_sync{peer="Young",state="unknown"} 1`,
		`herd_link_checked_timestamp_seconds{peer="Meeks"} 1.3531181045e+09`, `herd_link_checked_timestamp_seconds{peer="Young"} 0`,
		`herd_link_dumping{peer="Meeks"} 1`, `herd_link_dumping{peer="Young"} 0`,
		`herd_journal_failed_since_timestamp_seconds 1.353118105e+09`, `herd_journal_last_sync_timestamp_seconds 1.353118106e+09`,
		`herd_sink_failed_since_timestamp_seconds 1.353118107e+09`, `herd_sink_last_write_timestamp_seconds 1.353118108e+09`, `herd_sink_whole 1`,
		`herd_backbone_connected 1`, `herd_backbone_peers 7001`,
		`herd_shard_in_sync{shard="3"} 1`, `herd_shard_checked_timestamp_seconds{shard="3"} 1.353118107e+09`,
		`herd_upstream_breaker{state="open"} 1`, `herd_upstream_breaker{state="closed"} 0`,
		`herd_whatsat_seconds_bucket{le="0.001"} 11`, `herd_whatsat_seconds_bucket{le="1"} 23`,
		`herd_whatsat_seconds_bucket{le="+Inf"} 36`, `herd_whatsat_seconds_sum 1.5`, `herd_whatsat_seconds_count 36`,
		`herd_turn_seconds_bucket{le="+Inf"} 45`, `herd_turn_slowest_seconds{callback="timer main.tick"} 0.02`,
		`herd_turn_thread_seconds_bucket{le="+Inf"} 54`, `herd_turn_thread_slowest_seconds{callback="timer main.tock"} 0.03`,
	} {
		if !slices.Contains(ours, want) {
			t.Errorf("there is no line %s", want)
		}
	}
	for _, want := range []string{"\ngo_gc_duration_seconds_count ", "\ngo_cpu_classes_gc_total_cpu_seconds_total ", "\nprocess_open_fds "} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
}

func TestWhatIsNotCountedIsLeftOut(t *testing.T) {
	text := expose(t, Measures{})
	for _, name := range []string{"herd_turn_seconds", "herd_turns_slow_total", "herd_turn_slowest_seconds", "herd_turn_thread_", "herd_whatsat_seconds", "herd_upstream_", "herd_link_up", "herd_backbone_", "herd_shard_", "herd_journal_", "herd_sink_"} {
		if strings.Contains(text, name) {
			t.Errorf("a server that counts nothing shows %s", name)
		}
	}
}

func TestANameOfAnyBytesIsALabel(t *testing.T) {
	m := Measures{Status: herd.Status{Name: "Hill\"ä", Links: []herd.LinkStatus{{Peer: "M\xf0eks", Up: true}, {Peer: "M\xf1eks"}}}}
	text := expose(t, m)
	for _, want := range []string{`name="Hill\"ä"`, `herd_link_up{peer="\"M\\xf0eks\""} 1`, `herd_link_up{peer="\"M\\xf1eks\""} 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestWithoutMeasuresThereAreNoMetrics(t *testing.T) {
	failing := Pages{Measures: func(context.Context) (Measures, error) { return Measures{}, fmt.Errorf("it has ended") }}
	if answer := get(failing, "GET", "/metrics"); answer.Code != 503 || answer.Body.String() != "it has ended\n" {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}
