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
	return dial(t, server.URL, timeout)
}

// dial makes a client that is closed when the test ends.
func dial(t *testing.T, address string, timeout time.Duration) *upstream.Client {
	t.Helper()
	client, err := upstream.New(upstream.Config{Kind: upstream.Twitter{}, URL: address + "/search.json", Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
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

func TestMisbehaviour(t *testing.T) {
	tests := []struct {
		name    string
		options standin.Options
		line    string
		status  int
		err     error
	}{
		{"over capacity", standin.Options{FailEvery: 1}, `{"error":"twitter answered 503 Service Unavailable"}`, 503, upstream.ErrRefused},
		{"another status", standin.Options{FailEvery: 1, FailStatus: 502}, `{"error":"twitter answered 502 Bad Gateway"}`, 502, upstream.ErrRefused},
		{"rate limit", standin.Options{RateLimitEvery: 1}, `{"error":"You have been rate limited. Enhance your calm."}`, 420, upstream.ErrRefused},
		{"garbage", standin.Options{GarbageEvery: 1}, `{"error":"twitter's answer was not JSON"}`, 200, upstream.ErrNotJSON},
		{"truncated", standin.Options{TruncateEvery: 1}, `{"error":"twitter's answer was cut off"}`, 200, upstream.ErrCutOff},
		{"the first of several", standin.Options{TruncateEvery: 1, GarbageEvery: 1, FailEvery: 1, RateLimitEvery: 1}, `{"error":"You have been rate limited. Enhance your calm."}`, 420, upstream.ErrRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := start(t, test.options, 0)
			for range 3 {
				got := client.Fetch(t.Context(), nearUCLA)
				if string(got.Line) != test.line || got.Status != test.status || !errors.Is(got.Err, test.err) {
					t.Errorf("%s, %d, %v", got.Line, got.Status, got.Err)
				}
			}
		})
	}
}

func TestEveryCountsRequests(t *testing.T) {
	client := start(t, standin.Options{FailEvery: 3, RateLimitEvery: 5, GarbageEvery: 2, TruncateEvery: 7}, 0)
	for n, want := range []error{
		nil, upstream.ErrNotJSON, upstream.ErrRefused, upstream.ErrNotJSON, upstream.ErrRefused,
		upstream.ErrRefused, upstream.ErrCutOff, upstream.ErrNotJSON, upstream.ErrRefused, upstream.ErrRefused, nil,
	} {
		if got := client.Fetch(t.Context(), nearUCLA); !errors.Is(got.Err, want) {
			t.Errorf("request %d: %v, want %v", n+1, got.Err, want)
		}
	}
}

func TestRateLimitSaysWhenToComeBack(t *testing.T) {
	answer := httptest.NewRecorder()
	standin.New(standin.Options{RateLimitEvery: 1}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/search.json", nil))
	if answer.Code != 420 || answer.Header().Get("Retry-After") != "20" {
		t.Errorf("%d %v", answer.Code, answer.Header())
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
		"GarbageEvery": {GarbageEvery: -1}, "TruncateEvery": {TruncateEvery: -1}, "FailStatus": {FailStatus: 200},
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
	client := dial(t, "http://"+listener.Addr().String(), 0)
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
	client := dial(t, "http://"+listener.Addr().String(), time.Minute)
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
