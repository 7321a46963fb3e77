package scenario

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Told is what a server has counted itself during a measurement, its warm-up included,
// read off its /metrics.
type Told struct {
	GC      float64 `json:"gc"`      // processor seconds of the garbage collector
	CPU     float64 `json:"cpu"`     // and of all of the process
	Dropped float64 `json:"dropped"` // bytes that did not fit into the log's queue
	Traffic float64 `json:"traffic"` // bytes from and to clients
	Turns   []Turns `json:"turns"`   // of its loop; none: it has no loop
}

// Turns are those that took up to so many seconds, those that took less included. They
// are measured by the clock on the wall.
type Turns struct {
	UpTo  float64 `json:"up_to"`
	Count float64 `json:"count"`
}

// less takes off what was counted before the measurement.
func (t *Told) less(before *Told) {
	t.GC -= before.GC
	t.CPU -= before.CPU
	t.Dropped -= before.Dropped
	t.Traffic -= before.Traffic
	for i := range min(len(t.Turns), len(before.Turns)) {
		t.Turns[i].Count -= before.Turns[i].Count
	}
}

// turns is how many there were in all.
func (t *Told) turns() float64 {
	if len(t.Turns) == 0 {
		return 0
	}
	return t.Turns[len(t.Turns)-1].Count
}

// over is how many took more than so many seconds, which is one of the bounds.
func (t *Told) over(seconds float64) float64 {
	at := slices.IndexFunc(t.Turns, func(b Turns) bool { return b.UpTo >= seconds })
	if at < 0 {
		return 0
	}
	return t.turns() - t.Turns[at].Count
}

// longest is the least bound that no turn was over, in seconds.
func (t *Told) longest() float64 {
	at := slices.IndexFunc(t.Turns, func(b Turns) bool { return b.Count >= t.turns() })
	return t.Turns[max(at, 0)].UpTo
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

// bucket is how a count of turns begins.
const bucket = `herd_turn_seconds_bucket{le="`

func readTold(page io.Reader) (*Told, error) {
	told := &Told{}
	sums := map[string]*float64{
		"go_cpu_classes_gc_total_cpu_seconds_total": &told.GC, "process_cpu_seconds_total": &told.CPU,
		"herd_log_dropped_bytes_total": &told.Dropped, "herd_client_bytes_total": &told.Traffic,
	}
	found := 0
	for lines := bufio.NewScanner(page); lines.Scan(); {
		series, number, whole := strings.Cut(lines.Text(), " ")
		bound, turns := strings.CutPrefix(series, bucket)
		name, _, _ := strings.Cut(series, "{")
		sum := sums[name]
		if !whole || !turns && sum == nil {
			continue
		}
		value, err := strconv.ParseFloat(number, 64)
		if err == nil && turns {
			var upTo float64
			upTo, err = strconv.ParseFloat(strings.TrimSuffix(bound, `"}`), 64)
			sum = &told.addTurns(upTo).Count
		}
		if err != nil {
			return nil, fmt.Errorf("a metric of a server: %q: %w", lines.Text(), err)
		}
		*sum += value
		found++
	}
	if found == 0 {
		return nil, errNothingTold
	}
	return told, nil
}

// errNothingTold is a page of something else.
var errNothingTold = errors.New("the metrics of a server have nothing of what is looked for")

func (t *Told) addTurns(upTo float64) *Turns {
	if math.IsInf(upTo, 1) { // JSON has no infinity
		upTo = math.MaxFloat64
	}
	t.Turns = append(t.Turns, Turns{UpTo: upTo})
	return &t.Turns[len(t.Turns)-1]
}
