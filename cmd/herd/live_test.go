package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// visitor has the live page open: it reads the page's token and its events.
type visitor struct {
	url, token string

	mu     sync.Mutex
	passed map[string][]passed // by client
	walked map[string]bool     // clients that a walk over the records has shown
	// last is the last that was told of each server and of the stage.
	last map[string]string
}

// passed is a record that a server has passed on, as the page is told.
type passed struct {
	By   string
	From string
	To   []string
}

// visits opens the page that a line of the program's output tells of.
func visits(t *testing.T, line string) *visitor {
	t.Helper()
	v := &visitor{url: regexp.MustCompile(`http://\S+`).FindString(line), passed: map[string][]passed{}, walked: map[string]bool{}, last: map[string]string{}}
	page, err := http.Get(v.url)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(page.Body)
	if err := errors.Join(err, page.Body.Close()); err != nil {
		t.Fatal(err)
	}
	token := regexp.MustCompile(`<meta name="token" content="([0-9a-f]{32})">`).FindSubmatch(text)
	if token == nil {
		t.Fatalf("the page has no token: %s", text)
	}
	v.token = string(token[1])
	events, err := http.Get(v.url + "events")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		v.read(events.Body)
	}()
	t.Cleanup(func() {
		_ = events.Body.Close() // the program may have ended them
		<-ended
	})
	return v
}

// read takes events to their end.
func (v *visitor) read(events io.Reader) {
	in := bufio.NewReader(events)
	for name := ""; ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "event":
			name = value
		case "data":
			v.take(name, value)
		}
	}
}

func (v *visitor) take(name, data string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch name {
	case "server":
		var of struct{ Name string }
		_ = json.UnmarshalFromString(data, &of) // then it is of nobody
		v.last[of.Name] = data
	case "stage":
		v.last["stage"] = data
	case "passed":
		var batch struct {
			Name   string
			Passed []struct {
				Record []any
				From   string
				To     []string
			}
		}
		_ = json.UnmarshalFromString(data, &batch) // then there is none
		for _, p := range batch.Passed {
			id := fmt.Sprint(p.Record[0])
			v.passed[id] = append(v.passed[id], passed{batch.Name, p.From, p.To})
		}
	case "records":
		var list [][]any
		_ = json.UnmarshalFromString(data, &list) // then there are none
		for _, r := range list {
			v.walked[fmt.Sprint(r[0])] = true
		}
	}
}

// tells waits until what was last told of something holds a text.
func (v *visitor) tells(t *testing.T, of, text string) {
	t.Helper()
	until(t, fmt.Sprintf("the page is told of %s: %s", of, text), func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return strings.Contains(v.last[of], text)
	})
}

// post sends what the page's scripts send.
func (v *visitor) post(t *testing.T, path, body string) (code int, answer string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, v.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Herd-Token", v.token)
	request.Header.Set("Origin", strings.TrimSuffix(v.url, "/"))
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(got.Body)
	if err := errors.Join(err, got.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(text)
}

// does has the demo's stage do something.
func (v *visitor) does(t *testing.T, what, server, peer string) {
	t.Helper()
	if code, text := v.post(t, "act", fmt.Sprintf(`{"what":%q,"server":%q,"peer":%q}`, what, server, peer)); code != http.StatusNoContent {
		t.Fatalf("%s %s %s: %d %s", what, server, peer, code, text)
	}
}

func TestTheLivePageShowsAHerd(t *testing.T) {
	t.Parallel() // it waits more than it works
	inDesigns(t, []string{"reactor", "goroutine", "both"}, func(t *testing.T, build func(*herd.Config)) {
		dir, config := inDir(t, build)
		p := start(t, dir, "up", "--standin", "--page", "127.0.0.1:0")
		v := visits(t, p.await(t, "See it in a browser: "))
		for _, s := range config.Servers {
			v.tells(t, s.Name, `"connections":`)
			until(t, s.Name+" is in sync", func() bool {
				return !slices.ContainsFunc(mustStatus(t, config, s.Name).Links, func(l herd.LinkStatus) bool { return l.Sync != herd.InSync })
			})
		}

		const odd = "<script>\xff\x1b[31m"
		code, answer := v.post(t, "say?server=Gasol", "IAMAT "+odd+" +1+2 1479413884.5\n")
		if fields := strings.Fields(answer); code != 200 || len(fields) != 6 || fields[1] != "Gasol" || fields[3] != odd {
			t.Fatalf("%d %q", code, answer)
		}
		const shown = `<script>\xff\x1b[31m`
		// Six messages bring a report to all five servers: 2E - (N - 1).
		until(t, "the report is seen at all servers", func() bool {
			v.mu.Lock()
			defer v.mu.Unlock()
			return len(v.passed[shown]) == 5
		})
		v.mu.Lock()
		messages, from := 0, map[string]string{}
		for _, p := range v.passed[shown] {
			messages += len(p.To)
			from[p.By] = p.From
		}
		v.mu.Unlock()
		if messages != 6 || len(from) != 5 || from["Gasol"] != "" || from["Hill"] != "Meeks" {
			t.Errorf("%d messages; who has it from whom: %v", messages, from)
		}
		until(t, "a walk shows it too", func() bool {
			v.mu.Lock()
			defer v.mu.Unlock()
			return v.walked[shown]
		})

		question := "WHATSAT " + odd + " 10 2"
		code, answer = v.post(t, "say?server=Hill", question)
		if want := strings.Join(exchange(t, config, "Hill", question+"\n"), "\n") + "\n"; code != 200 || answer != want {
			t.Errorf("%d %q\nwant what a client gets: %q", code, answer, want)
		}
		if code, answer = v.post(t, "act", `{"what":"kill","server":"Hill"}`); code != http.StatusMethodNotAllowed && code != http.StatusNotFound {
			t.Errorf("herd up has a stage: %d %q", code, answer)
		}
		p.signal(t, syscall.SIGINT)
		p.ends(t, 0)
	})
}

// TestUnderLoadFewLeave has a client report without a break, and looks how many of its
// reports leave the server for one who looks on.
func TestUnderLoadFewLeave(t *testing.T) {
	inDesigns(t, []string{"reactor", "goroutine"}, func(t *testing.T, build func(*herd.Config)) {
		dir, config := inDir(t, build)
		serve(t, dir, "Farmar")
		farmar, _ := config.Server("Farmar")
		live, err := http.Get("http://" + farmar.HTTP + "/live")
		if err != nil {
			t.Fatal(err)
		}
		var seen atomic.Int64
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for in := bufio.NewReader(live.Body); ; {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				seen.Add(int64(strings.Count(line, `"record":`)))
			}
		}()
		began := time.Now()
		answered, err := reportUntil(began.Add(1500*time.Millisecond), farmar.Clients, 1, 500)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "some are shown", func() bool { return seen.Load() > 0 })
		took := time.Since(began)
		_ = live.Body.Close()
		<-ended
		const rate, saved = 100, 100
		if most := saved + rate*(took.Seconds()+1); float64(seen.Load()) > most {
			t.Errorf("%d of %d reports were shown in %v, want at most %.0f", seen.Load(), answered, took, most)
		}
	})
}

func TestTheDemosStage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := start(t, dir, "demo", "--stay", "--page", "127.0.0.1:0")
	v := visits(t, p.await(t, "Watch it in a browser: "))
	if code, text := v.post(t, "act", `{"what":"kill","server":"Meeks"}`); code != http.StatusConflict || !strings.Contains(text, errPlaying.Error()) {
		t.Errorf("while it plays: %d %s", code, text)
	}
	p.await(t, "The herd is yours now")
	v.tells(t, "stage", `"open":true`)

	v.does(t, "kill", "Meeks", "")
	v.tells(t, "stage", `"stopped":["Meeks"]`)
	v.tells(t, "Meeks", `"trouble":"`)
	v.does(t, "start", "Meeks", "")
	v.tells(t, "stage", `"stopped":[]`)
	v.tells(t, "Meeks", `"records":2,`) // it has learnt what it had lost

	v.does(t, "cut", "Young", "Farmar")
	v.tells(t, "stage", `"cut":[["Farmar","Young"]]`)
	v.tells(t, "Farmar", `{"peer":"Young","up":false`)
	v.does(t, "mend", "Farmar", "Young")
	v.tells(t, "Farmar", `{"peer":"Young","up":true`)

	v.does(t, "stop", "Hill", "")
	v.tells(t, "stage", `"stopped":["Hill"]`)
	for body, want := range map[string]error{
		`{"what":"stop","server":"Hill"}`:               errRunsNot,
		`{"what":"start","server":"Young"}`:             errRuns,
		`{"what":"kill","server":"upstream"}`:           errNoServer,
		`{"what":"cut","server":"Hill","peer":"Gasol"}`: errNoLink,
		`{"what":"burn","server":"Young"}`:              errNoAct,
	} {
		if code, text := v.post(t, "act", body); code != http.StatusConflict || !strings.Contains(text, want.Error()) {
			t.Errorf("%s: %d %s, want %v", body, code, text, want)
		}
	}
	p.signal(t, syscall.SIGTERM) // with Hill stopped
	p.await(t, "exit code 0")
	p.ends(t, 0)
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the demo leaves %v, %v", left, err)
	}
}

// TestThePagesPort is another's: then the page is on any free port, unless that one was
// asked for.
func TestThePagesPort(t *testing.T) {
	taken, err := openPageAt("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openPageAt(taken.listener.Addr().String()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port that is taken, and was asked for: %v", err)
	}
	first, err1 := openPageAt(usualPage) // which another may have
	second, err2 := openPageAt(usualPage)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if first.url() == second.url() || !strings.HasPrefix(second.url(), "http://127.0.0.1:") {
		t.Errorf("they are at %s and %s", first.url(), second.url())
	}
	none, err := openPageAt("")
	if none != nil || err != nil {
		t.Errorf("no page: %v, %v", none, err)
	}
	if err := errors.Join(taken.close(), first.close(), second.close(), none.close()); err != nil {
		t.Error(err)
	}
	var usage usageError
	for _, address := range []string{"0.0.0.0:1", ":1", "192.0.2.1:1", "here"} {
		if _, err := openPageAt(address); !errors.As(err, &usage) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAWireIsCutAndMended(t *testing.T) {
	config := herd.Default()
	echo := server(t, func(conn *net.TCPConn) { _, _ = io.Copy(conn, conn) })
	for i := range config.Servers {
		config.Servers[i].Peers = echo
	}
	w, err := newWires(config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	}()
	hill := w.seenBy("Hill", config)
	meeks, _ := hill.Server("Meeks")
	if young, _ := hill.Server("Young"); meeks.Peers == echo || young.Peers != echo || len(w.list) != 5 {
		t.Fatalf("Hill sees Meeks at %s and Young at %s; there are %d wires", meeks.Peers, young.Peers, len(w.list))
	}
	if err := w.cut("Meeks", "Hill", true); err != nil {
		t.Fatal(err)
	}
	if got := w.areCut(); !slices.Equal(got, [][2]string{{"Hill", "Meeks"}}) {
		t.Errorf("cut are %v", got)
	}
	if said := through(t, meeks.Peers); said != "" {
		t.Errorf("a wire that is cut passes %q", said)
	}
	if err := w.cut("Hill", "Meeks", false); err != nil || len(w.areCut()) != 0 {
		t.Fatal(err, w.areCut())
	}
	if said := through(t, meeks.Peers); said != "hello" {
		t.Errorf("a wire that is mended passes %q", said)
	}
	if err := w.cut("Hill", "Gasol", true); !errors.Is(err, errNoLink) {
		t.Error(err)
	}
}

// through says hello to an address, and returns what comes back.
func through(t *testing.T, address string) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, deadline)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "hello") // it may be closed already
	_ = conn.(*net.TCPConn).CloseWrite()
	var said bytes.Buffer
	_, _ = io.Copy(&said, conn) // which a wire that is cut may end by a reset
	return said.String()
}

// Where a server listens is not where others dial it, but for a port that is any.
func TestTheConfigSaysWhereServersAreDialled(t *testing.T) {
	config := herd.Default()
	config.Servers[0].Clients, config.Servers[0].HTTP = "farmar.example:12000", "127.0.0.1:0"
	var w whereabouts
	w.begin(config)
	w.ready("Farmar", "ready Farmar pid=1 clients=[::]:12000 peers=[::]:12100 http=127.0.0.1:40000")
	if s := w.list()[0]; s.Clients != "farmar.example:12000" || s.HTTP != "127.0.0.1:40000" {
		t.Errorf("it is dialled at %s and %s", s.Clients, s.HTTP)
	}
}
