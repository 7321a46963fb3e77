package web

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"proxyherd/herd/monitor/internal/sse"
)

const (
	// maxPages is how many pages may be open: each follows every server.
	maxPages = 6
	// waiting is how many events may wait for a browser. Then the servers' wait,
	// which leave out of the sample what is not taken.
	waiting = 64
	// stageEvery is how often the stage is looked at.
	stageEvery = 200 * time.Millisecond
)

// events sends what happens, until the browser has gone:
//
//	hello    the herd: its name, its servers, whether there is a stage
//	server   a server's status, or what the trouble with it is
//	passed   records that a server has passed on, a sample
//	records  a piece of all records
//	walked   that was all of them
//	stage    what is done to the herd
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	if p.pages.Add(1) > maxPages {
		p.pages.Add(-1)
		refuse(w, http.StatusServiceUnavailable, "enough pages are open already: close one")
		return
	}
	defer p.pages.Add(-1)
	ctx, cancel := context.WithCancel(r.Context())
	f := follower{p, make(chan sse.Event, waiting)}
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	out := sse.Begin(w, sse.ContentType)
	if !out.Event(p.hello()) {
		return
	}
	for _, s := range p.Servers() {
		all.Go(func() { f.follow(ctx, s.Name) })
	}
	all.Go(func() { f.walkForEver(ctx) })
	if p.Stage != nil {
		all.Go(func() { f.watchStage(ctx) })
	}
	for {
		select {
		case e := <-f.out:
			if !out.Event(e) {
				return
			}
		case <-ctx.Done():
			return
		case <-p.stopping:
			return
		}
	}
}

func (p *Page) hello() sse.Event {
	return event("hello", struct {
		Herd    string   `json:"herd"`
		Servers []Server `json:"servers"`
		Stage   bool     `json:"stage"`
	}{p.Herd, p.Servers(), p.Stage != nil})
}

// event is an event with a value that can be written as JSON.
func event(name string, value any) sse.Event {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // the types here have nothing that JSON has not
	}
	return sse.Event{Name: name, Data: data}
}

// server is where a server is now; false if there is none of that name.
func (p *Page) server(name string) (Server, bool) {
	servers := p.Servers()
	i := slices.IndexFunc(servers, func(s Server) bool { return s.Name == name })
	if i < 0 {
		return Server{}, false
	}
	return servers[i], true
}

// watchStage tells the stage's state, and each change of it.
func (f follower) watchStage(ctx context.Context) {
	last := ""
	for ctx.Err() == nil {
		e := event("stage", f.page.Stage.State())
		if string(e.Data) != last {
			last = string(e.Data)
			f.tell(ctx, e)
		}
		rest(ctx, stageEvery)
	}
}

// rest waits, or until ctx is done.
func rest(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
