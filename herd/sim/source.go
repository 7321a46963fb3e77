package sim

import (
	"context"
	"errors"
	"strconv"

	"proxyherd/herd/upstream"
)

// source is the upstream, in memory: its answer tells the question, so that a
// client's can be checked to the byte.
type source struct {
	world   *world
	state   string
	trouble bool // it has failed, or broken, once
}

// turn changes how it does: works, fails, or breaks (a panic).
func (s *source) turn(state string) bool {
	s.state = state
	s.trouble = s.trouble || state != "works"
	return state != "works"
}

// errDown is the source's only way to fail.
var errDown = errors.New("the source is down")

// failed is the answer while it fails.
var failed = upstream.Twitter{}.ErrorLine("The source is down.")

// Fetch answers. The network calls it on its own goroutine, when a worker would
// have done it.
func (s *source) Fetch(_ context.Context, q upstream.Query) upstream.Result {
	switch s.state {
	case "fails":
		return upstream.Result{Line: append([]byte(nil), failed...), Err: errDown, Status: 503}
	case "breaks":
		panic("the source breaks")
	}
	return upstream.Result{Line: []byte(sourceLine(q.Latitude, q.Longitude, q.Radius, q.Limit)), Status: 200}
}

// sourceLine is the answer to a question.
func sourceLine(latitude, longitude, radius string, limit int) string {
	return `{"results":[],"latitude":"` + latitude + `","longitude":"` + longitude + `","radius":"` + radius + `","limit":` + strconv.Itoa(limit) + "}"
}
