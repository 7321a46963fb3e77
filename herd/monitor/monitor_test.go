package monitor

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"proxyherd/herd"
)

// source is a server whose loop answers as the test wants.
type source = func(ctx context.Context) (herd.Status, error)

// is is a server that answers at once.
func is(status herd.Status) source {
	return func(context.Context) (herd.Status, error) { return status, nil }
}

// hangs is a server whose loop does not turn.
func hangs(ctx context.Context) (herd.Status, error) {
	<-ctx.Done()
	return herd.Status{}, ctx.Err()
}

// show asks for a page of a server that has no more than its status.
func show(s source, method, path string) *httptest.ResponseRecorder {
	return get(Pages{Status: s}, method, path)
}

func get(p Pages, method, path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	newServer(p).Handler.ServeHTTP(answer, httptest.NewRequest(method, "http://127.0.0.1:12202"+path, nil))
	return answer
}

func TestPages(t *testing.T) {
	serving := is(herd.Status{Name: "Hill", Clients: "127.0.0.1:12002"})
	starting := is(herd.Status{Name: "Hill"})
	stopping := is(herd.Status{Name: "Hill", Clients: "127.0.0.1:12002", Stopping: true})
	ended := func(context.Context) (herd.Status, error) { return herd.Status{}, errors.New("it has ended") }
	for _, test := range []struct {
		server source
		method string
		path   string
		code   int
		says   string
	}{
		{serving, "GET", "/healthz", 200, "ok\n"},
		{serving, "GET", "/readyz", 200, "ready\n"},
		{serving, "HEAD", "/readyz", 200, ""},
		{starting, "GET", "/healthz", 200, "ok\n"},
		{starting, "GET", "/readyz", 503, "Hill: the server does not listen for clients yet\n"},
		{stopping, "GET", "/healthz", 200, "ok\n"},
		{stopping, "GET", "/readyz", 503, "Hill: the server is stopping\n"},
		{ended, "GET", "/healthz", 503, "it has ended\n"},
		{ended, "GET", "/readyz", 503, "it has ended\n"},
		{ended, "GET", "/status.json", 503, "it has ended\n"},
		{serving, "GET", "/", 404, "404 page not found\n"},
		{serving, "GET", "/metrics", 404, "404 page not found\n"},
		{serving, "GET", "/connections.json", 404, "404 page not found\n"},
		{serving, "GET", "/debug/pprof/", 404, "404 page not found\n"},
		{serving, "GET", "/healthz/more", 404, "404 page not found\n"},
		{serving, "POST", "/healthz", 405, "Method Not Allowed\n"},
		{serving, "DELETE", "/status.json", 405, "Method Not Allowed\n"},
	} {
		answer := show(test.server, test.method, test.path)
		body := answer.Body.String()
		if test.method == "HEAD" {
			body = "" // net/http's server leaves it out; the recorder does not
		}
		if answer.Code != test.code || body != test.says {
			t.Errorf("%s %s: %d %q, want %d %q", test.method, test.path, answer.Code, body, test.code, test.says)
		}
		if allow := answer.Header().Get("Allow"); (allow == "GET, HEAD") != (test.code == 405) {
			t.Errorf("%s %s: Allow is %q", test.method, test.path, allow)
		}
	}
}

func TestStatusPageIsTheWholeStatus(t *testing.T) {
	status := herd.Status{
		Name: "Hill", Design: "reactor", Clients: "127.0.0.1:12002", Records: 3,
		Counters: herd.Counters{IAMAT: 7},
		Links:    []herd.LinkStatus{{Peer: "Meeks", Up: true}},
	}
	answer := show(is(status), "GET", "/status.json")
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/json" ||
		answer.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d with the headers %v", answer.Code, answer.Header())
	}
	var read herd.Status
	if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if read.Name != "Hill" || read.Records != 3 || read.Counters.IAMAT != 7 || len(read.Links) != 1 || !reflect.DeepEqual(read.Links[0], status.Links[0]) {
		t.Errorf("read back %+v, want %+v", read, status)
	}
}

func TestALoopThatHangsIsNoticedAfterASecond(t *testing.T) {
	for _, path := range []string{"/healthz", "/readyz", "/status.json"} {
		synctest.Test(t, func(t *testing.T) {
			asked := time.Now()
			answer := show(hangs, "GET", path)
			if took := time.Since(asked); took != time.Second {
				t.Errorf("%s: answered after %v", path, took)
			}
			if want := "the server's loop has not answered within 1s\n"; answer.Code != 503 || answer.Body.String() != want {
				t.Errorf("%s: %d %q, want 503 %q", path, answer.Code, answer.Body, want)
			}
		})
	}
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	for _, test := range []struct {
		address string
		good    bool
	}{
		{"127.0.0.1:0", true}, {"127.3.2.1:0", true}, {"localhost:0", true},
		{"[::1]:0", true}, {"[::ffff:127.0.0.1]:0", true},
		{":0", false}, {"0.0.0.0:0", false}, {"[::]:0", false}, {"192.0.2.1:80", false}, {"example.invalid:80", false},
	} {
		err := CheckAddress(test.address)
		if test.good && err != nil || !test.good && !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v, want it to be good: %v", test.address, err, test.good)
		}
		if test.good {
			continue
		}
		if _, err := Listen(test.address, Token{}); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("Listen(%s): %v", test.address, err)
		}
	}
	if err := CheckAddress("127.0.0.1"); err == nil || errors.Is(err, ErrNotLoopback) {
		t.Errorf("an address without a port: %v", err)
	}
}

func TestServeUntilTold(t *testing.T) {
	listener, err := Listen("127.0.0.1:0", Token{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(listener.Addr().String(), Token{}); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("a second server on the port: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, Pages{Status: is(herd.Status{Clients: "127.0.0.1:1"})}) }()
	answer, err := http.Get("http://" + listener.Addr().String() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%d, %v", answer.StatusCode, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Serve returned %v", err)
	}
	if _, err := http.Get("http://" + listener.Addr().String() + "/readyz"); err == nil {
		t.Error("the port still answers")
	}
}

func TestServeReturnsTheListenersError(t *testing.T) {
	listener, err := Listen("127.0.0.1:0", Token{})
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), listener, Pages{Status: is(herd.Status{})}); err == nil {
		t.Error("Serve on a closed listener returned nil")
	}
}
