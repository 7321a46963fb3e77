package monitor

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
	"proxyherd/herd/monitor/internal/sse"
)

// statusEvery is how often an onlooker is told the server's status.
const statusEvery = 500 * time.Millisecond

// Bounds on who looks on at a time.
const (
	maxOnlookers = 8
	maxWalks     = 2
)

var errEnoughLook = errors.New("enough look on already")

// live serves those who look on for as long as they like.
type live struct {
	pages     Pages
	stopping  chan struct{} // closed when the server's port ends
	onlookers atomic.Int32
	walks     atomic.Int32
}

func newLive(p Pages) *live { return &live{pages: p, stopping: make(chan struct{})} }

// end ends the answers under way, which would not end by themselves.
func (l *live) end() { close(l.stopping) }

// enter counts one more, if there is room; leave is to be called once.
func enter(count *atomic.Int32, most int32) (leave func(), err error) {
	if count.Add(1) > most {
		count.Add(-1)
		return nil, errEnoughLook
	}
	return func() { count.Add(-1) }, nil
}

// events sends server-sent events: "status", the server's twice a second; "trouble"
// in its place, why there is none; and "passed", records as the server passes them
// on, of which no more leave it than Sample says.
func (l *live) events(w http.ResponseWriter, r *http.Request) {
	leave, err := enter(&l.onlookers, maxOnlookers)
	if err != nil {
		unavailable(w, err)
		return
	}
	defer leave()
	me := l.pages.Sample.join()
	defer l.pages.Sample.leave(me)
	out, ended := l.begin(w, r, sse.ContentType)
	every := time.NewTicker(statusEvery)
	defer every.Stop()
	for out.Event(l.status(r)) {
		for waits := true; waits; {
			select {
			case batch := <-me.batches:
				if !out.Event(sse.Event{Name: "passed", Data: passedJSON(batch, l.pages.Future)}) {
					return
				}
			case <-every.C:
				waits = false
			case <-ended:
				return
			}
		}
	}
}

// status is the event of that name, or "trouble".
func (l *live) status(r *http.Request) sse.Event {
	status, err := ask(r, l.pages.Status)
	var data []byte
	if err == nil {
		data, err = json.Marshal(status)
	}
	if err != nil {
		data, _ = json.Marshal(err.Error()) // a text
		return sse.Event{Name: "trouble", Data: data}
	}
	return sse.Event{Name: "status", Data: data}
}

// begin begins an answer that goes on until who asked has gone or the port ends.
func (l *live) begin(w http.ResponseWriter, r *http.Request, contentType string) (out sse.Writer, ended <-chan struct{}) {
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		defer cancel()
		select {
		case <-l.stopping:
		case <-ctx.Done():
		}
	}()
	return sse.Begin(w, contentType), ctx.Done()
}

// passedJSON is a batch as an array of objects.
func passedJSON(batch []passage, future time.Duration) []byte {
	return array(func(out *jsoniter.Stream, between func()) {
		for _, p := range batch {
			var r herd.Record
			if herd.ParseAT(p.line, &r) != nil {
				continue // the server's own lines are well formed
			}
			between()
			out.WriteObjectStart()
			out.WriteObjectField("record")
			writeRecord(out, &r, future)
			out.WriteMore()
			out.WriteObjectField("at")
			out.WriteFloat64(float64(p.at.UnixMicro()) / 1e6)
			out.WriteMore()
			out.WriteObjectField("from")
			out.WriteString(p.from)
			out.WriteMore()
			out.WriteObjectField("to")
			out.WriteVal(p.to)
			out.WriteObjectEnd()
		}
	})
}
