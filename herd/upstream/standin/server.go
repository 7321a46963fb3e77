// Package standin is a search server in the place of Twitter's, which was switched off in 2013: it answers GET
// /search.json in the format of Twitter's Search API v1 as it was in late 2012, offline and without a key.
//
// Places are real, tweets are not. A search by geocode finds tweets that name the towns in range, the nearest first; they
// are made from the question alone, so that the same question has the same answer, byte for byte, in every process and on
// every day. Each says in its source that it comes from the stand-in, and every address in it ends in .invalid.
//
// Understood are q, geocode (LAT,LON,RADIUS with km or mi), rpp and page. Words in q do not select, they are put at the
// end of each tweet; q without geocode finds nothing, since the stand-in knows places only. All other parameters of the
// API (since_id, max_id, until, lang, locale, result_type, include_entities, show_user, callback) are ignored: there is
// one unchanging set of tweets, max_id is always the newest, and answers are never JSONP.
//
// The places are from GeoNames (https://www.geonames.org/), licensed under CC BY 4.0; see gazetteer/ATTRIBUTION.md.
package standin

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// New makes the stand-in for a http.Server. The options must be such that Check finds nothing wrong; it panics otherwise,
// as that is a mistake in the calling program.
func New(options Options) http.Handler {
	if err := options.Check(); err != nil {
		panic(err)
	}
	gazetteer.Nearby(0, 0, 0, 1) // unpacks the places now, not while the first asker waits
	return &server{options: options.withDefaults()}
}

// Serve answers on a listener until ctx is done, then closes it, gives the answers under way a second, and returns nil.
// What takes longer, a long Delay for instance, is cut off. It returns early with ErrOptions, or with what made the listener fail; the listener is closed in
// any case.
func Serve(ctx context.Context, listener net.Listener, options Options) error {
	if err := options.Check(); err != nil {
		return errors.Join(err, listener.Close())
	}
	s := http.Server{
		Handler:           New(options),
		ReadHeaderTimeout: 10 * time.Second,
	}
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		err := s.Shutdown(last)
		if errors.Is(err, context.DeadlineExceeded) {
			err = s.Close()
		}
		closed <- err
	})
	err := s.Serve(listener)
	if stop() { // the listener failed before ctx was done
		return errors.Join(err, s.Close())
	}
	return <-closed
}

// server is the stand-in; its only state is how many searches were asked.
type server struct {
	options  Options
	searches atomic.Uint64
}

// ServeHTTP answers one request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/search.json" {
		refuse(w, http.StatusNotFound, "Not found")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "A search is asked for with GET.")
		return
	}
	n := s.searches.Add(1)
	if !s.wait(r) {
		panic(http.ErrAbortHandler) // closes the connection: returning would send an empty answer with status 200
	}
	what := s.options.at(n)
	switch what {
	case rateLimit:
		w.Header().Set("Retry-After", "20")
		refuse(w, statusEnhanceYourCalm, "You have been rate limited. Enhance your calm.")
		return
	case fail:
		send(w, s.options.FailStatus, "text/html; charset=utf-8", []byte(overCapacity))
		return
	case garbage:
		send(w, http.StatusOK, jsonType, []byte(`{"results":[{"text":"garbage`+"\x01\n"+`",}`))
		return
	}
	question, err := parse(r.URL.RawQuery)
	if err != nil {
		refuse(w, http.StatusForbidden, err.Error())
		return
	}
	body := answer(question)
	if what == truncate {
		// The server closes a connection on which less was written than announced.
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		body = body[:len(body)/2]
	}
	send(w, http.StatusOK, jsonType, body)
}

const (
	// statusEnhanceYourCalm is Twitter's own status for too many questions; others say 429.
	statusEnhanceYourCalm = 420

	jsonType = "application/json;charset=utf-8"

	overCapacity = "<!DOCTYPE html>\n<html><head><title>Over capacity</title></head>\n<body><h1>Too many tweets! Please wait a moment and try again.</h1></body></html>\n"
)

// wait is the options' delay. It is false if the asker went away meanwhile, or the stand-in is to end.
func (s *server) wait(r *http.Request) bool {
	delay := s.options.Delay
	if s.options.Jitter > 0 {
		delay += time.Duration(seedOf(r.URL.RawQuery).below(uint64(s.options.Jitter) + 1))
	}
	if delay == 0 {
		return true
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// refuse answers with an error in Twitter's form.
func refuse(w http.ResponseWriter, status int, message string) {
	send(w, status, jsonType, append(appendString([]byte(`{"error":`), message), '}'))
}

// send writes an answer. The error of Write is left alone: it says that the asker has gone, which needs no answer.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
}
