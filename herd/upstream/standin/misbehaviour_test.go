package standin_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"proxyherd/herd/upstream"
	"proxyherd/herd/upstream/standin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var nearUCLA = upstream.Query{Latitude: "+34.068930", Longitude: "-118.445127", Radius: "100", Limit: 2}

// start runs a stand-in on loopback and returns a client for it.
func start(t *testing.T, options standin.Options, timeout time.Duration) *upstream.Client {
	t.Helper()
	server := httptest.NewServer(standin.New(options))
	t.Cleanup(server.Close)
	return dial(t, upstream.Twitter{}, server.URL, timeout)
}

// tweets reads the results of a line.
func tweets(t *testing.T, line []byte) []json.RawMessage {
	t.Helper()
	var answer struct{ Results []json.RawMessage }
	if err := json.Unmarshal(line, &answer); err != nil || answer.Results == nil {
		t.Fatalf("%v in %s", err, line)
	}
	return answer.Results
}

func TestClientPassesTheAnswerOn(t *testing.T) {
	client := start(t, standin.Options{}, 0)
	for _, limit := range []int{0, 1, 2, 50, 100} {
		q := nearUCLA
		q.Limit = limit
		got := client.Fetch(t.Context(), q)
		if got.Err != nil || got.Status != http.StatusOK || len(tweets(t, got.Line)) != limit {
			t.Errorf("limit %d: %.300s, %d, %v", limit, got.Line, got.Status, got.Err)
		}
	}
	// The stand-in writes its answers without white space, so that the line is its very bytes.
	answer := httptest.NewRecorder()
	standin.New(standin.Options{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/search.json?q=&geocode=34.068930,-118.445127,100km&rpp=2", nil))
	if got := client.Fetch(t.Context(), nearUCLA); string(got.Line) != answer.Body.String() {
		t.Errorf("the client gives\n%s\nof\n%s", got.Line, answer.Body)
	}
	// A radius of 0 is asked for as one metre, which the stand-in takes.
	q := nearUCLA
	q.Radius = "0"
	if got := client.Fetch(t.Context(), q); got.Err != nil || len(tweets(t, got.Line)) != 0 {
		t.Errorf("radius 0: %s, %v", got.Line, got.Err)
	}
}

func TestDelay(t *testing.T) {
	const delay = 30 * time.Millisecond
	for _, options := range []standin.Options{{Delay: delay}, {Delay: delay, Jitter: 10 * time.Millisecond}} {
		client := start(t, options, time.Minute)
		begun := time.Now()
		got := client.Fetch(t.Context(), nearUCLA)
		if waited := time.Since(begun); got.Err != nil || waited < delay {
			t.Errorf("%+v: answered after %v, %v", options, waited, got.Err)
		}
	}
	// A delay beyond any patience: only the client's timeout can end it.
	for _, options := range []standin.Options{{Delay: time.Hour}, {Jitter: 1 << 62}} {
		got := start(t, options, 50*time.Millisecond).Fetch(t.Context(), nearUCLA)
		if string(got.Line) != `{"error":"twitter did not answer in time"}` || !errors.Is(got.Err, upstream.ErrTimeout) {
			t.Errorf("%+v: %s, %v", options, got.Line, got.Err)
		}
	}
}

func TestOptionsCheck(t *testing.T) {
	for field, options := range map[string]standin.Options{
		"Delay": {Delay: -1}, "Jitter": {Jitter: -1}, "FailEvery": {FailEvery: -1}, "RateLimitEvery": {RateLimitEvery: -1},
		"GarbageEvery": {GarbageEvery: -1}, "TruncateEvery": {TruncateEvery: -1}, "HugeEvery": {HugeEvery: -1}, "FailStatus": {FailStatus: 200},
	} {
		if err := options.Check(); !errors.Is(err, standin.ErrOptions) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !errors.Is(err, standin.ErrOptions) {
					t.Errorf("%s: New took them", field)
				}
			}()
			standin.New(options)
		}()
		listener := listen(t)
		if err := standin.Serve(t.Context(), listener, options); !errors.Is(err, standin.ErrOptions) {
			t.Errorf("%s: Serve took them: %v", field, err)
		}
		if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: Serve left the listener open", field)
		}
	}
	if err := (standin.Options{}).Check(); err != nil {
		t.Error(err)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func TestServeUntilItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	listener := listen(t)
	served := make(chan error)
	go func() { served <- standin.Serve(ctx, listener, standin.Options{}) }()
	client := dial(t, upstream.Twitter{}, "http://"+listener.Addr().String(), 0)
	if got := client.Fetch(t.Context(), nearUCLA); got.Err != nil {
		t.Error(got.Err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if got := client.Fetch(t.Context(), nearUCLA); !errors.Is(got.Err, upstream.ErrUnreachable) {
		t.Errorf("somebody still answers: %v", got.Err)
	}
}

func TestServeDoesNotWaitForLongDelays(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	listener := listen(t)
	served := make(chan error)
	connected := make(chan struct{}, 1)
	go func() { served <- standin.Serve(ctx, notify{listener, connected}, standin.Options{Delay: time.Hour}) }()
	client := dial(t, upstream.Twitter{}, "http://"+listener.Addr().String(), time.Minute)
	var group sync.WaitGroup
	group.Go(func() {
		if got := client.Fetch(t.Context(), nearUCLA); !errors.Is(got.Err, upstream.ErrUnreachable) {
			t.Errorf("%s, %v", got.Line, got.Err)
		}
	})
	<-connected
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	group.Wait()
}

// notify is a listener that tells of its connections.
type notify struct {
	net.Listener
	connected chan<- struct{}
}

func (n notify) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if err == nil {
		n.connected <- struct{}{}
	}
	return conn, err
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	listener := listen(t)
	listener.Close()
	if err := standin.Serve(t.Context(), listener, standin.Options{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}
