package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

// Why nothing is known of a server, beside errSilent.
var (
	errNoPage      = errors.New("no status page")
	errDown        = errors.New("down")
	errUnreadable  = errors.New("its answer cannot be read")
	errPageFailed  = errors.New("its status page answers with an error")
	errNotStatus   = errors.New("its answer is no status")
	errOtherServer = errors.New("another server answers there")
)

// maxStatus bounds the bytes of a status page. A server with a hundred neighbours
// needs less than a tenth of it.
const maxStatus = 1 << 20

// lookout asks servers for their status pages.
type lookout struct {
	timeout time.Duration // for each server's whole answer
	now     func() time.Time

	// guard is deferred by each of its goroutines, which recovers in it; nil: nothing.
	guard func()
}

// sighting is what a server said of itself, or why it said nothing.
type sighting struct {
	Name   string       `json:"name"`
	HTTP   string       `json:"http"`          // the address that was asked; "" if there is none
	Error  string       `json:"error"`         // "" if there is a status
	Took   float64      `json:"took_seconds"`  // from the question to the answer
	Clock  float64      `json:"clock_seconds"` // how far its clock is ahead of ours, give or take half of Took
	Status *herd.Status `json:"status"`        // nil if there is an error
}

// over asks those servers of config that are named, or all if none is, and puts
// together what they say. The config has passed its checks. Servers are in its
// order, whoever answers first.
func (l *lookout) over(ctx context.Context, config herd.Config, named []string) (*overview, error) {
	topology, err := herd.NewTopology(config.Servers)
	if err != nil {
		return nil, usageError{err}
	}
	o := &overview{Herd: config.Herd, At: l.now().UTC(), future: time.Duration(config.Future)}
	o.Servers, err = l.each(config, named, func(client *http.Client, seen *sighting) { l.see(ctx, client, seen) })
	if err != nil {
		return nil, err
	}
	o.Links = linksOf(topology, o.Servers)
	o.Well = o.verdict() == nil
	return o, nil
}

// each asks those servers, all at once: one that hangs delays no other. Of those
// that cannot be asked the sightings say why.
func (l *lookout) each(config herd.Config, named []string, ask func(*http.Client, *sighting)) ([]sighting, error) {
	token, err := configfile.HTTPToken(config)
	if err != nil {
		return nil, usageError{err}
	}
	client := newPageClient(token)
	list := make([]sighting, 0, len(config.Servers)) // so that none moves while it is filled in
	var answers sync.WaitGroup
	for i, s := range config.Servers {
		if len(named) > 0 && !slices.Contains(named, s.Name) {
			continue
		}
		list = append(list, sighting{Name: s.Name, HTTP: s.HTTP})
		seen := &list[len(list)-1]
		if err := hasPage(s, i); err != nil {
			seen.Error = err.Error()
			continue
		}
		answers.Go(func() {
			if l.guard != nil {
				defer l.guard()
			}
			ask(client, seen)
		})
	}
	answers.Wait()
	return list, nil
}

// newPageClient returns what asks for pages. Nothing stands between here and
// loopback: no proxy is asked, and no other address is gone to, whatever an answer
// says. It brings the token, if there is one.
func newPageClient(token string) *http.Client {
	return &http.Client{
		Transport:     bearer{&http.Transport{DisableKeepAlives: true}, token},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bearer adds a token to each request.
type bearer struct {
	http.RoundTripper
	token string
}

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r = r.Clone(r.Context()) // the caller's is not to be changed
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.RoundTripper.RoundTrip(r)
}

// hasPage says what to set if servers[i] of the config cannot be asked.
func hasPage(s herd.Server, i int) error {
	if s.HTTP == "" {
		return fmt.Errorf("%w: give servers[%d] of the config an http address, such as 127.0.0.1:%d", errNoPage, i, 12200+i)
	}
	if _, port, err := net.SplitHostPort(s.HTTP); err == nil && port == "0" {
		return fmt.Errorf("%w that can be found: servers[%d].http takes any free port; give it one", errNoPage, i)
	}
	return nil
}

// see fills in what a server answers.
func (l *lookout) see(ctx context.Context, client *http.Client, seen *sighting) {
	asked := l.now()
	status, err := l.ask(ctx, client, seen)
	took := l.now().Sub(asked)
	seen.Took = took.Seconds()
	if err != nil {
		seen.Error = err.Error()
		return
	}
	// Both ways are taken to be as long.
	seen.Clock = status.Time.Sub(asked.Add(took / 2)).Seconds()
	seen.Status = &status
}

// ask gets a server's status. The error wraps one of this file's, or errSilent.
func (l *lookout) ask(ctx context.Context, client *http.Client, seen *sighting) (herd.Status, error) {
	body, err := l.page(ctx, client, seen.HTTP, "/status.json")
	if err != nil {
		return herd.Status{}, err
	}
	return readStatus(body, seen)
}

// page gets one of a server's pages, if it comes in time.
func (l *lookout) page(ctx context.Context, client *http.Client, address, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, l.timeout,
		fmt.Errorf("%w (%v) at %s; --timeout gives it longer", errSilent, l.timeout, address))
	defer cancel()
	body, err := get(ctx, client, address, path)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return body, err
}

// get returns the body of a page, which has at most maxStatus bytes.
func get(ctx context.Context, client *http.Client, address, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, fmt.Errorf("%w at %q: %w", errNoPage, address, err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, unreached(err, address)
	}
	defer answer.Body.Close()
	// The body of an error is read too: it says why, as monitor writes it.
	body, err := io.ReadAll(http.MaxBytesReader(nil, answer.Body, maxStatus))
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: %d, %s", errPageFailed, answer.StatusCode, beginning(body))
	}
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return nil, fmt.Errorf("%w: it has more than %d bytes, and begins with %s", errNotStatus, maxStatus, beginning(body))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return body, nil
}

// unreached tells a server that is down from one whose answer is broken.
func unreached(err error, address string) error {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		why := dial.Err
		if call, ok := errors.AsType[*os.SyscallError](why); ok {
			why = call.Err // without the name of the system call
		}
		return fmt.Errorf("%w: %w at %s", errDown, why, address)
	}
	if whole, ok := errors.AsType[*url.Error](err); ok {
		err = whole.Err // without the question, which everybody knows
	}
	return fmt.Errorf("%w: %w", errUnreadable, err)
}

// readStatus reads a status that must be the named server's own. Keys that are not
// known are a newer server's, and are passed over.
func readStatus(body []byte, of *sighting) (herd.Status, error) {
	var status herd.Status
	// The parser's own error quotes the answer at length and raw.
	if json.Unmarshal(body, &status) != nil || status.Name == "" || status.Time.IsZero() {
		return herd.Status{}, fmt.Errorf("%w: it begins with %s", errNotStatus, beginning(body))
	}
	if status.Name != of.Name {
		return herd.Status{}, fmt.Errorf("%w: %s is %q; was it started with another config?", errOtherServer, of.HTTP, status.Name)
	}
	return status, nil
}

// beginning quotes enough of an answer to know it by.
func beginning(body []byte) string {
	const enough = 60
	line, _, _ := bytes.Cut(body, []byte("\n"))
	return fmt.Sprintf("%q", line[:min(len(line), enough)])
}
