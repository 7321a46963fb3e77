package scenario

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Told is what a server counts itself, read off its /metrics once a measurement is
// over. Counts run from the server's start, its preload included.
type Told struct {
	Turns     float64 `json:"turns"`      // of its loop; 0: it has none
	LongTurns float64 `json:"long_turns"` // that took over a millisecond, by the clock on the wall
	Longest   float64 `json:"longest"`    // of the last one to two minutes, in seconds

	GC  float64 `json:"gc"`  // processor seconds of the garbage collector
	CPU float64 `json:"cpu"` // and of all of the process

	// Dropped and Traffic are bytes during this measurement alone: those that did not
	// fit into the log's queue, and those from and to clients.
	Dropped float64 `json:"dropped"`
	Traffic float64 `json:"traffic"`
}

// since makes Dropped and Traffic those of the time after before.
func (t *Told) since(before *Told) {
	t.Dropped -= before.Dropped
	t.Traffic -= before.Traffic
}

// tell asks a server for its metrics.
func tell(ctx context.Context, address string) (*Told, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the metrics of a server: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the metrics of a server: %s", answer.Status)
	}
	return readTold(answer.Body)
}

// millisecond is the bucket of turns that count as short.
const millisecond = `herd_turn_seconds_bucket{le="0.001"}`

func readTold(page io.Reader) (*Told, error) {
	told, short := &Told{}, 0.0
	sums := map[string]*float64{
		"herd_turn_seconds_count": &told.Turns, millisecond: &short, "herd_turn_slowest_seconds": &told.Longest,
		"go_cpu_classes_gc_total_cpu_seconds_total": &told.GC, "process_cpu_seconds_total": &told.CPU,
		"herd_log_dropped_bytes_total": &told.Dropped, "herd_client_bytes_total": &told.Traffic,
	}
	found := 0
	for lines := bufio.NewScanner(page); lines.Scan(); {
		at := strings.LastIndexByte(lines.Text(), ' ')
		if at < 0 || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		series := lines.Text()[:at]
		name, _, _ := strings.Cut(series, "{")
		sum := sums[series]
		if sum == nil {
			sum = sums[name]
		}
		if sum == nil {
			continue
		}
		value, err := strconv.ParseFloat(lines.Text()[at+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("a metric of a server: %q: %w", lines.Text(), err)
		}
		*sum += value
		found++
	}
	if found == 0 {
		return nil, fmt.Errorf("the metrics of a server have nothing of what is looked for")
	}
	told.LongTurns = told.Turns - short
	return told, nil
}
