package upstream

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"sync/atomic"
	"testing"
)

// onOneP runs f up to a few times, with Go on one P, until it reports that another goroutine had its turn: now and then
// the scheduler has the one go on that has just yielded.
func onOneP(t *testing.T, what string, f func(start func() (ran *atomic.Bool)) bool) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range 5 {
		// Nothing but a yield lets it run before the 10 ms are over after which the scheduler takes the P away.
		if f(func() *atomic.Bool {
			ran := new(atomic.Bool)
			go ran.Store(true)
			return ran
		}) {
			return
		}
	}
	t.Errorf("nobody runs %s", what)
}

// ready is a connection on which nothing has to be waited for.
type ready struct{ net.Conn }

func (ready) Read(b []byte) (int, error)  { return len(b), nil }
func (ready) Write(b []byte) (int, error) { return len(b), nil }

func TestOthersRunAfterReadingAndWriting(t *testing.T) {
	conn, b := yielding{ready{}}, make([]byte, 3)
	for what, call := range map[string]func([]byte) (int, error){"after a read": conn.Read, "after a write": conn.Write} {
		onOneP(t, what, func(start func() *atomic.Bool) bool {
			ran := start()
			if n, err := call(b); n != len(b) || err != nil {
				t.Errorf("%s: %d, %v", what, n, err)
			}
			return ran.Load()
		})
	}
}

// watched is a kind that is told what is done with it.
type watched struct {
	Twitter
	called func(what string)
}

func (w watched) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	w.called("Request")
	return w.Twitter.Request(ctx, address, q)
}

func (w watched) Authorise(*http.Request, string) { w.called("Authorise") }

func (w watched) ErrorText(answer []byte) string {
	w.called("ErrorText")
	return w.Twitter.ErrorText(answer)
}

// Between making a request and sending it others run, and between reading an answer and handing it over: a loop waits
// for a part of a question, and not for all of it.
func TestOthersRunBetweenTheParts(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"results":[]}`)) }))
	defer server.Close()
	key, err := NewKey("key")
	if err != nil {
		t.Fatal(err)
	}
	for _, parts := range [][2]string{{"Request", "Authorise"}, {"ErrorText", "done"}} {
		onOneP(t, "between "+parts[0]+" and "+parts[1], func(start func() *atomic.Bool) (others bool) {
			var ran *atomic.Bool
			called := func(what string) {
				switch what {
				case parts[0]:
					ran = start()
				case parts[1]:
					others = ran.Load()
				}
			}
			client, err := New(Config{Kind: watched{called: called}, URL: server.URL, Key: key})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			over := make(chan error)
			client.Ask(t.Context(), somewhere, func(r Result) {
				called("done")
				over <- r.Err
			})
			if err := <-over; err != nil {
				t.Error(err)
			}
			return others
		})
	}
}
