package stage

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"proxyherd/herd/upstream/standin"
)

// Mood is how the upstream treats those who ask.
type Mood int32

// The moods.
const (
	Honest Mood = iota // it finds nothing, at once
	Slow               // it finds nothing, after seconds
	Lying              // each answer is wrong in another way
)

// Upstream is a web service with moods. The zero value is honest.
type Upstream struct {
	mood  atomic.Int32
	asked atomic.Uint64
}

// Set changes the mood for those who ask from now on.
func (u *Upstream) Set(m Mood) { u.mood.Store(int32(m)) }

// patience is how long a slow upstream takes, and a lying one before it lets go of
// those whom it keeps.
const patience = 4 * time.Second

// nothing is what a search that finds nothing comes to.
const nothing = `{"results":[]}`

// lie is one way to answer wrongly.
type lie func(w http.ResponseWriter, r *http.Request)

// lies are told one after the other.
var lies = []lie{
	says(http.StatusInternalServerError, nothing),
	says(http.StatusOK, "[nonsense"),
	says(http.StatusOK, "7"),
	says(http.StatusOK, ""),
	says(http.StatusFound, nothing),
	says(http.StatusOK, `{"results":{"a":`+strings.Repeat("[", 20000)),
	promisesMore, neverEnds, hangsUp, keepsSilent,
	standIn(standin.Options{TruncateEvery: 1}),
	standIn(standin.Options{HugeEvery: 1}),
	standIn(standin.Options{FailEvery: 1}),
}

func standIn(o standin.Options) lie { return standin.New(o).ServeHTTP }

func says(status int, body string) lie {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // who has gone needs no answer
	}
}

// promisesMore announces more bytes than come.
func promisesMore(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(nothing))
}

// neverEnds sends an answer that has no end, and that is JSON so far.
func neverEnds(w http.ResponseWriter, r *http.Request) {
	_, err := w.Write([]byte(`{"results":[`))
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.After(patience); err == nil; {
		select {
		case <-again.C:
			_, err = w.Write([]byte(strings.Repeat("1,", 100)))
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		case <-end:
			return
		}
	}
}

// hangsUp closes the connection instead of answering.
func hangsUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// keepsSilent takes the question and says nothing.
func keepsSilent(w http.ResponseWriter, r *http.Request) { pause(r) }

func pause(r *http.Request) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// ServeHTTP answers in the mood of the moment.
func (u *Upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch n := u.asked.Add(1); Mood(u.mood.Load()) {
	case Lying:
		lies[n%uint64(len(lies))](w, r)
		return
	case Slow:
		pause(r)
	}
	says(http.StatusOK, nothing)(w, r)
}

// open serves on a port of host and returns the URL for the config.
func (u *Upstream) open(host string) (server *http.Server, url string, err error) {
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		return nil, "", err
	}
	server = &http.Server{Handler: u, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }() // it ends when the stage does
	return server, fmt.Sprintf("http://%s/search.json", l.Addr()), nil
}
