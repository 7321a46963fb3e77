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
	Turns   []Turns `json:"turns"`   // of its loop, by the clock on the wall; none: it has no loop

	// ThreadTurns are the same turns by the processor time of the loop's thread, and
	// Slowest the one of the measurement that took most of it. None: that was not
	// measured, or the slowest was before.
	ThreadTurns []Turns  `json:"thread_turns,omitempty"`
	Slowest     *Slowest `json:"slowest,omitempty"`
}

// Slowest is a turn that took long.
type Slowest struct {
	Seconds  float64 `json:"seconds"`
	Callback string  `json:"callback"` // that took longest in it
}

// Turns are those that took up to so many seconds, those that took less included.
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
	for i := range min(len(t.ThreadTurns), len(before.ThreadTurns)) {
		t.ThreadTurns[i].Count -= before.ThreadTurns[i].Count
	}
	if t.Slowest != nil && before.Slowest != nil && *t.Slowest == *before.Slowest {
		t.Slowest = nil
	}
}

// judged are the turns by their thread's time, or by the wall where that was not
// measured.
func (t *Told) judged() counted {
	if len(t.ThreadTurns) > 0 {
		return t.ThreadTurns
	}
	return t.Turns
}

// counted are turns by their bounds.
type counted []Turns

// all is how many there were.
func (c counted) all() float64 {
	if len(c) == 0 {
		return 0
	}
	return c[len(c)-1].Count
}

// over is how many took more than so many seconds, which is one of the bounds.
func (c counted) over(seconds float64) float64 {
	at := slices.IndexFunc(c, func(b Turns) bool { return b.UpTo >= seconds })
	if at < 0 {
		return 0
	}
	return c.all() - c[at].Count
}

// longest is the least bound that no turn was over, in seconds.
func (c counted) longest() float64 {
	at := slices.IndexFunc(c, func(b Turns) bool { return b.Count >= c.all() })
	return c[max(at, 0)].UpTo
}

// tell asks a server for its metrics.
func tell(ctx context.Context, address string) (*Told, error) {
	metrics, err := look(ctx, address, "/metrics")
	if err != nil {
		return nil, err
	}
	defer metrics.Close()
	return readTold(metrics)
}

// look asks a server for one of its pages, which the caller closes.
func look(ctx context.Context, address, path string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%s of a server: %w", path, err)
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close() // what it says is of no use
		return nil, fmt.Errorf("%s of a server: %s", path, answer.Status)
	}
	return answer.Body, nil
}

// How a count of turns begins, one of turns by their thread's time, and the slowest.
const (
	bucket       = `herd_turn_seconds_bucket{le="`
	threadBucket = `herd_turn_thread_seconds_bucket{le="`
	slowest      = `herd_turn_thread_slowest_seconds{callback="`
)

func readTold(page io.Reader) (*Told, error) {
	told := &Told{}
	sums := map[string]*float64{
		"go_cpu_classes_gc_total_cpu_seconds_total": &told.GC, "process_cpu_seconds_total": &told.CPU,
		"herd_log_dropped_bytes_total": &told.Dropped, "herd_client_bytes_total": &told.Traffic,
	}
	found := 0
	for lines := bufio.NewScanner(page); lines.Scan(); {
		text := lines.Text()
		space := strings.LastIndexByte(text, ' ') // a label may have others
		if space < 0 {
			continue
		}
		series, number := text[:space], text[space+1:]
		name, _, _ := strings.Cut(series, "{")
		sum, err := sums[name], error(nil)
		if bound, isBucket := strings.CutPrefix(series, bucket); isBucket {
			sum, err = addTurns(&told.Turns, bound)
		} else if bound, isBucket := strings.CutPrefix(series, threadBucket); isBucket {
			sum, err = addTurns(&told.ThreadTurns, bound)
		} else if callback, isSlowest := strings.CutPrefix(series, slowest); isSlowest {
			told.Slowest = &Slowest{Callback: strings.TrimSuffix(callback, `"}`)}
			sum = &told.Slowest.Seconds
		}
		if sum == nil && err == nil {
			continue
		}
		value, wrong := strconv.ParseFloat(number, 64)
		if err = errors.Join(err, wrong); err != nil {
			return nil, fmt.Errorf("a metric of a server: %q: %w", text, err)
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

// addTurns adds a bucket, and returns where its count is.
func addTurns(to *[]Turns, bound string) (count *float64, err error) {
	upTo, err := strconv.ParseFloat(strings.TrimSuffix(bound, `"}`), 64)
	if math.IsInf(upTo, 1) { // JSON has no infinity
		upTo = math.MaxFloat64
	}
	*to = append(*to, Turns{UpTo: upTo})
	return &(*to)[len(*to)-1].Count, err
}
