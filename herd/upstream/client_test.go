package upstream

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// somewhere is a question whose answer does not matter.
var somewhere = Query{Latitude: "+34.068930", Longitude: "-118.445127", Radius: "100", Limit: 2}

// ask starts an upstream that answers with serve, and a client for it, and asks.
func ask(t *testing.T, serve http.HandlerFunc) Result {
	t.Helper()
	server := httptest.NewServer(serve)
	defer server.Close()
	client := newClient(t, Config{URL: server.URL + "/search.json", MaxAnswer: 4096})
	return client.Fetch(t.Context(), somewhere)
}

// newClient makes a client that is closed when the test ends.
func newClient(t *testing.T, config Config) *Client {
	t.Helper()
	config.Kind = Twitter{}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestFetchPassesOn(t *testing.T) {
	tests := []struct {
		name string
		body string
		want string
	}{
		{"an answer", "{\"results\": [ {\"id\": 270123456789012345678} ],\r\n \"page\": 1.0e0}\n", `{"results":[{"id":270123456789012345678}],"page":1.0e0}`},
		{"the limit's worth of more", `{"z":1,"results":[1,2,3],"a":2}`, `{"z":1,"results":[1,2],"a":2}`},
		{"an answer after a byte order mark", "\uFEFF{ }", `{}`},
		{"JSON of another shape", `[ 1, "x" ]`, `[1,"x"]`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, test.body) })
			if string(got.Line) != test.want || got.Status != http.StatusOK || got.Err != nil {
				t.Errorf("%s, %d, %v", got.Line, got.Status, got.Err)
			}
		})
	}
}

func TestFetchAsksAsTwitterWanted(t *testing.T) {
	got := ask(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"asked":%q,"agent":%q}`, r.Method+" "+r.RequestURI, r.UserAgent())
	})
	const want = `{"asked":"GET /search.json?geocode=34.068930%2C-118.445127%2C100km&q=&rpp=2","agent":"proxyherd/1 (application server herd)"}`
	if string(got.Line) != want {
		t.Errorf("%s", got.Line)
	}
}

// TestFetchAlwaysHasALine goes through what an upstream can do wrong once an answer has begun.
func TestFetchAlwaysHasALine(t *testing.T) {
	const status503 = http.StatusServiceUnavailable
	tests := []struct {
		name   string
		serve  http.HandlerFunc
		line   string
		status int
		err    error
		says   string // in the error's text
	}{
		{"its own error, with white space", send(403, `{ "error" : "You must enter a query." }`), `{"error":"You must enter a query."}`, 403, ErrRefused, `403 Forbidden: "You must enter a query."`},
		{"its own error, of another form", send(500, `["overloaded"]`), `["overloaded"]`, 500, ErrRefused, "500 Internal Server Error"},
		{"an error that says 200", send(200, `{"error":"no"}`), `{"error":"no"}`, 200, ErrRefused, `200 OK: "no"`},
		{"an error that would forge a line of the log", send(400, `{"error":"a\nINFO all is well"}`), `{"error":"a\nINFO all is well"}`, 400, ErrRefused, `"a\nINFO all is well"`},
		{"a status nobody knows", send(599, "?"), `{"error":"twitter answered 599"}`, 599, ErrRefused, "599, without JSON"},
		{"a page of HTML", send(503, "<html>Over capacity</html>"), `{"error":"twitter answered 503 Service Unavailable"}`, status503, ErrRefused, "503 Service Unavailable, without JSON"},
		{"a page of HTML that says 200", send(200, "<html></html>"), `{"error":"twitter's answer was not JSON"}`, 200, ErrNotJSON, "byte 0"},
		{"nothing", send(200, ""), `{"error":"twitter's answer was not JSON"}`, 200, ErrNotJSON, "it ends too soon"},
		{"no content", send(204, ""), `{"error":"twitter's answer was not JSON"}`, 204, ErrNotJSON, "it ends too soon"},
		{"two values", send(200, "{}\n{}"), `{"error":"twitter's answer was not JSON"}`, 200, ErrNotJSON, "byte 3"},
		{"a newline in a string", send(200, "{\"a\":\"\\t\n\"}"), `{"error":"twitter's answer was not JSON"}`, 200, ErrNotJSON, "control character"},
		{"just short enough", send(200, `"`+strings.Repeat("a", 4094)+`"`), `"` + strings.Repeat("a", 4094) + `"`, 200, nil, ""},
		{"a byte too long", send(200, `"`+strings.Repeat("a", 4095)+`"`), `{"error":"twitter's answer is too long"}`, 200, ErrTooLong, "more than 4096 bytes"},
		{"too long once unpacked", bomb, `{"error":"twitter's answer is too long"}`, 200, ErrTooLong, "more than 4096 bytes"},
		{"no gzip, though it says so", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, `{"results":[]} and more`)
		}, `{"error":"twitter's answer could not be read to its end"}`, 200, ErrCutOff, "gzip"},
		{"half of what it announced", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"results":[]}`)
		}, `{"error":"twitter's answer was cut off"}`, 200, ErrCutOff, "unexpected EOF"},
		{"a lost connection", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
			`{"error":"twitter could not be reached"}`, 0, ErrUnreachable, "EOF"},
		{"something else than HTTP", raw("SSH-2.0-OpenSSH\r\n"), `{"error":"twitter could not be reached"}`, 0, ErrUnreachable, "malformed HTTP"},
		{"a head without end", raw("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 80<<10)), `{"error":"twitter could not be reached"}`, 0, ErrUnreachable, "exceeded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, test.serve)
			if string(got.Line) != test.line || got.Status != test.status || !errors.Is(got.Err, test.err) {
				t.Errorf("%s, %d, %v", got.Line, got.Status, got.Err)
			}
			if test.err != nil && !strings.Contains(got.Err.Error(), test.says) {
				t.Errorf("%q does not say %q", got.Err, test.says)
			}
			isOneLine(t, got)
		})
	}
}

// isOneLine checks what holds of every result, and that no part of the question's URL is in the error.
func isOneLine(t *testing.T, r Result) {
	t.Helper()
	if !json.Valid(r.Line) || strings.ContainsAny(string(r.Line), "\r\n") {
		t.Errorf("%q is not one line of JSON", r.Line)
	}
	if r.Err != nil && (strings.Contains(r.Err.Error(), "geocode") || strings.ContainsAny(r.Err.Error(), "\r\n")) {
		t.Errorf("%q does not belong into a log", r.Err)
	}
}

// send answers with a status and a body.
func send(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// bomb answers with a few bytes that become many.
func bomb(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	io.WriteString(packed, `"`+strings.Repeat("a", 1<<20)+`"`)
	packed.Close()
}

// raw answers with bytes that are not HTTP and closes the connection.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, text)
	}
}

func TestFetchDoesNotFollowRedirects(t *testing.T) {
	var elsewhere atomic.Int32
	got := ask(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/search.json" {
			elsewhere.Add(1)
		}
		http.Redirect(w, r, "/elsewhere?key=secret", http.StatusMovedPermanently)
	})
	if string(got.Line) != `{"error":"twitter answered 301 Moved Permanently"}` || got.Status != 301 || !errors.Is(got.Err, ErrRefused) {
		t.Errorf("%s, %d, %v", got.Line, got.Status, got.Err)
	}
	if text := got.Err.Error(); !strings.Contains(text, `to "http://127.0.0.1:`) || strings.Contains(text, "secret") {
		t.Errorf("%s", text)
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("the redirect was followed %d times", n)
	}
}

func TestFetchTellsARefusedConnection(t *testing.T) {
	// A port that was free a moment ago and on which nobody listens.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	got := newClient(t, Config{URL: "http://key:secret@" + address + "/?key=secret"}).Fetch(t.Context(), somewhere)
	if string(got.Line) != `{"error":"twitter could not be reached: connection refused"}` || got.Status != 0 || !errors.Is(got.Err, ErrUnreachable) {
		t.Errorf("%s, %d, %v", got.Line, got.Status, got.Err)
	}
	if strings.Contains(got.Err.Error(), "secret") {
		t.Errorf("the error gives a key away: %v", got.Err)
	}
	isOneLine(t, got)
}

// brokenKind is a Twitter that cannot make its request.
type brokenKind struct{ Twitter }

var errBroken = errors.New("no request today")

func (brokenKind) Request(context.Context, *url.URL, Query) (*http.Request, error) {
	return nil, fmt.Errorf("asking: %w", errBroken)
}

func TestFetchHasALineWithoutARequest(t *testing.T) {
	client, err := New(Config{Kind: brokenKind{}, URL: "http://127.0.0.1/"})
	if err != nil {
		t.Fatal(err)
	}
	got := client.Fetch(t.Context(), somewhere)
	if string(got.Line) != `{"error":"twitter could not be reached"}` || !errors.Is(got.Err, errBroken) || !errors.Is(got.Err, ErrUnreachable) {
		t.Errorf("%s, %v", got.Line, got.Err)
	}
}

// TestFailureHidesTheURL makes the error that an unknown host gives, which no test on loopback can provoke.
func TestFailureHidesTheURL(t *testing.T) {
	lookup := &net.DNSError{Err: "no such host", Name: "search.invalid", IsNotFound: true}
	f := failedToAsk("twitter", &url.Error{Op: "Get", URL: "http://search.invalid/?key=secret", Err: lookup})
	if f.sentence != "twitter could not be reached: its host name is not known" || !errors.Is(f, ErrUnreachable) {
		t.Errorf("%q, %v", f.sentence, f)
	}
	if strings.Contains(f.Error(), "secret") || !strings.Contains(f.Error(), "search.invalid") {
		t.Errorf("%v", f)
	}
}

func TestFetchUsesConnectionsAgain(t *testing.T) {
	const workers, questions = 8, 50
	var dialled atomic.Int32
	server := httptest.NewUnstartedServer(send(200, `{"results":[1,2,3]}`))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dialled.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := newClient(t, Config{URL: server.URL, Connections: workers})
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for range questions {
				own := somewhere // unlike those of the others, which it would join
				own.Words = fmt.Sprint(worker)
				if got := client.Fetch(t.Context(), own); got.Err != nil || string(got.Line) != `{"results":[1,2]}` {
					t.Errorf("%s, %v", got.Line, got.Err)
				}
			}
		})
	}
	group.Wait()
	// The pool may dial once more for a worker that another one overtakes, but never for every question.
	if n := dialled.Load(); n > 4*workers {
		t.Errorf("%d questions took %d connections", workers*questions, n)
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	server := httptest.NewServer(send(200, `{"results":[1,2,3]}`))
	client := newClient(t, Config{URL: server.URL, Connections: 8})
	for range 3 {
		client.Fetch(t.Context(), somewhere)
	}
	if stats := client.Stats(); stats.Requests != 3 || stats.Dialled != 1 {
		t.Errorf("three questions, one after the other: %+v", stats)
	}
	server.CloseClientConnections()
	server.Close()
	client.Fetch(t.Context(), somewhere)
	if stats := client.Stats(); stats.Unreachable != 1 || stats.Dialled != 1 {
		t.Errorf("and one that reached nobody: %+v", stats)
	}
}
