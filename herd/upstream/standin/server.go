// Package standin is a server in the place of the services that a herd asks what is near a place: it answers in the
// format of each, at that service's own path, offline.
//
//	GET  /search.json                       Twitter's Search API v1 as it was in late 2012, switched off in 2013
//	GET  /1.1/search/tweets.json            Twitter's API v1.1; any bearer token
//	GET  /2/tweets/search/recent            X's API v2; any bearer token, and point_radius in the query
//	GET  /maps/api/place/nearbysearch/json  Google Places, Nearby Search (legacy); any key
//	POST /v1/places:searchNearby            Google Places (New); any X-Goog-Api-Key, and X-Goog-FieldMask
//	GET  /w/api.php                         Wikipedia's GeoSearch
//
// Places are real, tweets are not. A search finds the towns in range, or tweets that name them, the nearest first; tweets
// are made from the question alone, so that the same question has the same answer, byte for byte, in every process and on
// every day. Addresses that are made up are of hosts in .invalid, which never exist, so that nobody takes them for real ones.
// The files of this package say what each service understands; whatever else its documentation names is ignored.
//
// The places are from GeoNames (https://www.geonames.org/), licensed under CC BY 4.0; see gazetteer/ATTRIBUTION.md.
package standin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
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
// What takes longer, a long Delay for instance, is cut off. It returns early with ErrOptions, or with what made the
// listener fail; the listener is closed in any case.
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

// server is the stand-in; its only state is how many questions were asked.
type server struct {
	options Options
	asked   atomic.Uint64
}

// ServeHTTP answers one request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(apis, func(a api) bool { return a.path == r.URL.Path })
	if i < 0 {
		send(w, twitterError(http.StatusNotFound, "Not found"))
		return
	}
	service := apis[i]
	if !service.takes(r.Method) {
		w.Header().Set("Allow", service.methods())
		send(w, service.refuse(http.StatusMethodNotAllowed))
		return
	}
	// To its end, even where there should be none: only then does net/http notice that the asker goes away.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		send(w, service.refuse(http.StatusRequestEntityTooLarge))
		return
	}
	n := s.asked.Add(1)
	if err != nil || !s.wait(r) {
		panic(http.ErrAbortHandler) // closes the connection: returning would send an empty answer with status 200
	}
	s.behave(w, s.options.at(n), service, func() reply { return service.answer(r, body) })
}

const (
	// maxBody is the longest request taken, in bytes; the questions that the services know fit many times.
	maxBody = 64 << 10

	// hugeAnswer is how much white space stands before a huge answer.
	hugeAnswer = 16 << 20
)

// behave gives the answer, or what the options put in its place.
func (s *server) behave(w http.ResponseWriter, what misbehaviour, service api, answer func() reply) {
	switch what {
	case rateLimit:
		send(w, service.refuse(http.StatusTooManyRequests))
		return
	case fail:
		send(w, service.refuse(s.options.FailStatus))
		return
	case garbage:
		send(w, reply{http.StatusOK, twitterType, nil, []byte(`{"results":[{"text":"garbage` + "\x01\n" + `",}`)})
		return
	}
	given := answer()
	switch what {
	case truncate:
		// The server closes a connection on which less was written than announced.
		w.Header().Set("Content-Length", strconv.Itoa(len(given.body)))
		given.body = given.body[:len(given.body)/2]
	case huge:
		begin(w, given)
		if !pad(w) {
			return
		}
		w.Write(given.body)
		return
	}
	send(w, given)
}

// pad writes the white space before a huge answer; it is false if the asker has gone, as it should.
func pad(w io.Writer) bool {
	spaces := bytes.Repeat([]byte{' '}, 64<<10)
	for range hugeAnswer / len(spaces) {
		if _, err := w.Write(spaces); err != nil {
			return false
		}
	}
	return true
}

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

// send writes an answer. The error of Write is left alone: it says that the asker has gone, which needs no answer.
func send(w http.ResponseWriter, given reply) {
	begin(w, given)
	w.Write(given.body)
}

// begin writes an answer's head.
func begin(w http.ResponseWriter, given reply) {
	maps.Copy(w.Header(), given.header)
	w.Header().Set("Content-Type", given.contentType)
	w.WriteHeader(given.status)
}
