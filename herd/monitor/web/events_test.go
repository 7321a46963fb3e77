package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"proxyherd/herd/monitor/internal/sse"
)

// port is a server's HTTP port, as package monitor has it.
func port(t *testing.T, live, records http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", live)
	mux.HandleFunc("GET /records", records)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// served serves a page until the test ends, and returns where.
func served(t *testing.T, p *Page) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}

// follow reads a page's events until take has enough.
func follow(t *testing.T, url string, take func(sse.Event) bool) {
	t.Helper()
	answer, err := http.Get(url + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := sse.Read(answer.Body, take); err != nil {
		t.Fatal(err)
	}
}

func nothing(http.ResponseWriter, *http.Request) {}

// TestWhatThePageIsTold has a herd of three: one that tells, one whose port refuses, and
// one that has none; and sees that all of it reaches the page.
func TestWhatThePageIsTold(t *testing.T) {
	farmar := port(t, func(w http.ResponseWriter, r *http.Request) {
		out := sse.Begin(w, sse.ContentType)
		out.Event(sse.Event{Name: "status", Data: []byte(`{"name":"Farmar"}`)})
		out.Event(sse.Event{Name: "passed", Data: []byte(`[{"record":["<script>",1,2,"Farmar","3",3],"at":4,"from":"","to":["Hill"]}]`)})
		out.Event(sse.Event{Name: "trouble", Data: []byte(`"the loop hangs"`)})
		<-r.Context().Done()
	}, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[["kiwi",1,2,"Farmar","3",3]]`+"\n"+`"end"`+"\n")
	})
	refused := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "\x1b[31mno", http.StatusTeapot) }
	p := pageOf(&stageOf{}, Server{Name: "Farmar", HTTP: farmar, Clients: "127.0.0.1:1", TalksTo: []string{"Hill"}},
		Server{Name: "Hill", HTTP: port(t, refused, refused)}, Server{Name: "Meeks"})
	wanted := map[string]bool{
		`hello {"herd":"herd","servers":[{"name":"Farmar","clients":"127.0.0.1:1","http":"` + farmar + `","talks_to":["Hill"]},` +
			`{"name":"Hill","clients":"","http":"` + p.Servers()[1].HTTP + `","talks_to":null},{"name":"Meeks","clients":"","http":"","talks_to":null}],"stage":true}`: true,
		`server {"name":"Farmar","status":{"name":"Farmar"}}`:                                                           true,
		`passed {"name":"Farmar","passed":[{"record":["<script>",1,2,"Farmar","3",3],"at":4,"from":"","to":["Hill"]}]}`: true,
		`server {"name":"Farmar","trouble":"the loop hangs"}`:                                                           true,
		`server {"name":"Hill","trouble":"its HTTP port refuses: 418, \"\\x1b[31mno\""}`:                                true,
		`server {"name":"Meeks","trouble":"it has no HTTP port: give it one in servers[].http"}`:                        true,
		`records [["kiwi",1,2,"Farmar","3",3]]`:                                                                         true,
		`walked "Farmar"`:                                                                                               true,
		`stage {"open":true,"note":"","stopped":["Hill"],"cut":[]}`:                                                     true,
	}
	follow(t, served(t, p), func(e sse.Event) bool {
		text := e.Name + " " + string(e.Data)
		if _, known := wanted[text]; !known {
			t.Errorf("nobody expects %s", text)
		}
		delete(wanted, text)
		again := e.Name == "server" && !strings.Contains(text, "status") // told again and again
		if again {
			wanted[text] = false
		}
		for _, missing := range wanted {
			if missing {
				return true
			}
		}
		return false
	})
}

// TestAServerIsFollowedAgain has its port end each answer, and be there again.
func TestAServerIsFollowedAgain(t *testing.T) {
	asked := 0
	at := port(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		sse.Begin(w, sse.ContentType).Event(sse.Event{Name: "status", Data: fmt.Append(nil, asked)})
	}, nothing)
	var told []string
	follow(t, served(t, pageOf(nil, Server{Name: "Hill", HTTP: at})), func(e sse.Event) bool {
		if e.Name == "server" {
			told = append(told, string(e.Data))
		}
		return len(told) < 4
	})
	lost := `{"name":"Hill","trouble":"its HTTP port has ended"}`
	if want := []string{`{"name":"Hill","status":1}`, lost, `{"name":"Hill","status":2}`, lost}; strings.Join(told, " ") != strings.Join(want, " ") {
		t.Errorf("told was %s", told)
	}
}

// TestAServerThatSaysNothing is told of: it may stand still.
func TestAServerThatSaysNothing(t *testing.T) {
	at := port(t, func(w http.ResponseWriter, r *http.Request) {
		sse.Begin(w, sse.ContentType).Event(sse.Event{Name: "status", Data: []byte("1")})
		<-r.Context().Done()
	}, nothing)
	last := ""
	follow(t, served(t, pageOf(nil, Server{Name: "Hill", HTTP: at})), func(e sse.Event) bool {
		if e.Name == "server" {
			last = string(e.Data)
		}
		return !strings.Contains(last, "trouble")
	})
	if last != `{"name":"Hill","trouble":"it has said nothing for 3s"}` {
		t.Error(last)
	}
}

func TestTooManyPages(t *testing.T) {
	url := served(t, pageOf(nil))
	for i := range maxPages + 1 {
		answer, err := http.Get(url + "/events")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if full := i == maxPages; (answer.StatusCode == http.StatusServiceUnavailable) != full {
			t.Errorf("page %d: %s", i, answer.Status)
		}
	}
}
