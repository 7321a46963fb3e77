package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"proxyherd/herd"
)

// good is a status of Hill's that is n bytes long.
func good(t *testing.T, n int) string {
	t.Helper()
	text, err := json.MarshalToString(herd.Status{Name: "Hill", Time: noon})
	if err != nil {
		t.Fatal(err)
	}
	return text + strings.Repeat(" ", n-len(text))
}

func TestWhatAPageMayAnswer(t *testing.T) {
	visited := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited++ }))
	defer elsewhere.Close()
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for _, test := range []struct {
		name string
		page http.HandlerFunc
		want error
		says string
	}{
		{"a status", say(good(t, 1000)), nil, ""},
		{"the longest", say(good(t, maxStatus)), nil, ""},
		{"one byte more", say(good(t, maxStatus+1)), errNotStatus, `it has more than 1048576 bytes, and begins with "{\"name`},
		{"a newer server's, which says more", say(`{"mood":[1],` + good(t, 1000)[1:]), nil, ""},
		{"nothing", say(""), errNotStatus, `begins with ""`},
		{"null", say("null"), errNotStatus, `begins with "null"`},
		{"a status without a time", say(`{"name":"Hill"}`), errNotStatus, "name"},
		{"a status without a name", say(`{"time":"2016-11-17T12:00:00Z"}`), errNotStatus, "time"},
		{"other JSON", say(`{"ok":true}`), errNotStatus, `{\"ok\":true}`},
		{"a field of another type", say(`{"name":"Hill","links":5}`), errNotStatus, "links"},
		{"a status and more", say(good(t, 1000) + "x"), errNotStatus, "name"},
		{"half a status", say(good(t, 1000)[:100]), errNotStatus, "name"},
		{"another server's", say(strings.Replace(good(t, 1000), "Hill", "Meeks", 1)), errOtherServer, `is "Meeks"`},
		{"an error", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "Hill is not well\nand more", http.StatusServiceUnavailable)
		}, errPageFailed, `503, "Hill is not well"`},
		{"a long error", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("x", 2*maxStatus), http.StatusNotFound)
		}, errPageFailed, `404, "` + strings.Repeat("x", 60) + `"`},
		{"the way to elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		}, errPageFailed, "302"},
		{"an end too soon", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, good(t, 500))
		}, errUnreadable, "unexpected EOF"},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, errUnreadable, "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			page := httptest.NewServer(test.page)
			defer page.Close()
			asks(t, page.Listener.Addr().String(), deadline, test.want, test.says)
		})
	}
	if visited > 0 {
		t.Error("it went where the answer sent it")
	}
}

// asks asks the page of Hill at an address.
func asks(t *testing.T, address string, timeout time.Duration, want error, says string) {
	t.Helper()
	look := lookout{timeout: timeout, now: time.Now}
	status, err := look.ask(t.Context(), newPageClient(""), &sighting{Name: "Hill", HTTP: address})
	if !errors.Is(err, want) || want == nil && (err != nil || status.Name != "Hill") {
		t.Fatalf("%+v, %v; want the error %v", status, err, want)
	}
	if err != nil && (!strings.HasPrefix(err.Error(), want.Error()) || !strings.Contains(err.Error(), says)) {
		t.Errorf("%v; want it to begin with %v, and to say %s", err, want, says)
	}
}

func TestAPageThatHangsIsGivenUp(t *testing.T) {
	for name, hangs := range map[string]http.HandlerFunc{
		"before": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"midway": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush() // whoever asks may have gone
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			page := httptest.NewServer(hangs)
			defer page.Close()
			asks(t, page.Listener.Addr().String(), 100*time.Millisecond, errSilent, "(100ms) at "+page.Listener.Addr().String())
		})
	}
}

func TestAPortThatDoesNotSpeakHTTPIsTold(t *testing.T) {
	address := server(t, func(conn *net.TCPConn) {
		_, _ = conn.Read(make([]byte, 1))
		_, _ = io.WriteString(conn, "220 mail.example.invalid\r\n\r\n")
	})
	asks(t, address, deadline, errUnreadable, "malformed HTTP")
}

func TestAPortWhereNobodyListensIsDown(t *testing.T) {
	page := httptest.NewServer(http.NotFoundHandler())
	page.Close()
	address := page.Listener.Addr().String()
	asks(t, address, deadline, errDown, "down: connection refused at "+address)
}

func TestPagesThatCannotBeFoundSayWhatToSet(t *testing.T) {
	for _, test := range []struct{ http, says string }{
		{"", "give servers[3] of the config an http address, such as 127.0.0.1:12203"},
		{"127.0.0.1:0", "servers[3].http takes any free port; give it one"},
		{"127.0.0.1:12203", ""},
	} {
		err := hasPage(herd.Server{HTTP: test.http}, 3)
		if errors.Is(err, errNoPage) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v", test.http, err)
		}
	}
}

// Each page waits until all have been asked: asked one by one, none would answer.
func TestAllServersAreAskedAtOnce(t *testing.T) {
	h := wellHerd()
	var asked sync.WaitGroup
	asked.Add(len(h.config.Servers))
	for name, status := range h.status {
		h.pages[name] = func(w http.ResponseWriter, _ *http.Request) {
			asked.Done()
			asked.Wait()
			text, _ := json.Marshal(status) // as serve does, which has shown that it can be
			_, _ = w.Write(text)
		}
	}
	if o := h.seen(t); !o.Well || len(o.Servers) != 5 {
		t.Errorf("%+v", o)
	}
}

func TestTheClockIsComparedHalfWay(t *testing.T) {
	h := wellHerd()
	h.status["Hill"].Time = noon.Add(3 * time.Second)
	h.serve(t)
	times := []time.Time{noon, noon.Add(time.Second), noon.Add(3 * time.Second)} // the overview's, the question's, the answer's
	look := lookout{timeout: deadline, now: func() time.Time {
		now := times[0]
		times = times[1:]
		return now
	}}
	o, err := look.over(t.Context(), h.config, []string{"Hill"})
	if err != nil {
		t.Fatal(err)
	}
	if s := o.Servers[0]; s.Took != 2 || s.Clock != 1 || !o.At.Equal(noon) {
		t.Errorf("asked at 1 s, answered at 3 s with its 3 s: %+v", s)
	}
	if text := serversTable(o.Servers); !strings.HasSuffix(text, "  same\n") {
		t.Errorf("2 s on the way can tell no second:\n%s", text)
	}
}
