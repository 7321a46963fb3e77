package web

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// pageOf is a page of those servers, that nobody serves yet.
func pageOf(stage Stage, servers ...Server) *Page {
	return New(Options{
		Herd: "herd", Servers: func() []Server { return servers }, Client: &http.Client{},
		Patience: time.Minute, Stage: stage,
	})
}

// ask asks a page, with headers as "Name: value".
func ask(p *Page, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	p.mux.ServeHTTP(answer, request)
	return answer
}

const here = "http://127.0.0.1:12400"

func TestThePageIsWholeAndItsOwn(t *testing.T) {
	p := pageOf(nil)
	index := ask(p, "GET", here+"/", "").Body.String()
	if !strings.Contains(index, `content="`+p.token+`"`) || strings.Contains(index, "{{") {
		t.Error("the page has not the token of this run")
	}
	// Whatever it and its parts name is there, and nothing is named that is elsewhere.
	named := regexp.MustCompile(`(?:src|href)="([^"#]+)"|from "\./([^"]+)"|import "\./([^"]+)"|fetch\("([^"]+)"\)`)
	elsewhere := regexp.MustCompile(`(?:src|href)="(?:https?:)?//|@import|url\(`)
	type part struct{ name, kind string }
	queue, seen := []part{{"", "text/html; charset=utf-8"}}, map[string]bool{"": true}
	for ; len(queue) > 0; queue = queue[1:] {
		answer := ask(p, "GET", here+"/"+queue[0].name, "")
		if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != queue[0].kind {
			t.Errorf("%q: %d, %q", queue[0].name, answer.Code, answer.Header().Get("Content-Type"))
		}
		text := answer.Body.String()
		if !strings.HasSuffix(queue[0].name, ".min.js") && elsewhere.MatchString(text) {
			t.Errorf("%q names something elsewhere: %q", queue[0].name, elsewhere.FindString(text))
		}
		for _, found := range named.FindAllStringSubmatch(text, -1) {
			if name := strings.Join(found[1:], ""); !seen[name] && !strings.HasSuffix(queue[0].name, ".min.js") {
				seen[name] = true
				queue = append(queue, part{name, contentType(name)})
			}
		}
	}
	entries := 0
	for _, dir := range []string{"assets", "npm"} {
		list, err := fs.ReadDir(files, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range list {
			if name := entry.Name(); !seen[name] && name != "index.html" && !strings.HasPrefix(name, "package") {
				t.Errorf("%s is in the binary, and nothing names it", name)
			}
			entries++
		}
	}
	if entries < 15 {
		t.Errorf("%d files were looked at", entries)
	}
}

func TestEveryAnswerHasThePolicy(t *testing.T) {
	p := pageOf(nil)
	for _, path := range []string{"/", "/main.js", "/theme.css", "/nothing", "/say"} {
		for _, host := range []string{here, "http://evil.example"} {
			h := ask(p, "GET", host+path, "").Header()
			if h.Get("Content-Security-Policy") != policy || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" ||
				h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s%s: %v", host, path, h)
			}
		}
	}
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy has no %s", want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s", policy)
	}
}

// TestWhoMayAsk asks under names that this machine has, and under names by which
// another's page could lead here.
func TestWhoMayAsk(t *testing.T) {
	p := pageOf(nil)
	for host, may := range map[string]bool{
		"127.0.0.1:12400": true, "127.0.0.1": true, "127.9.9.9:1": true, "localhost:12400": true, "LocalHost": true,
		"[::1]:12400": true, "[::1]": true, "[::ffff:127.0.0.1]:80": true,
		"evil.example:12400": false, "evil.example": false, "localhost.evil.example:12400": false, "127.0.0.1.evil.example": false,
		"192.0.2.7:12400": false, "0.0.0.0:12400": false, "[::]:12400": false, "": false, "[127.0.0.1": true,
	} {
		for _, path := range []string{"/", "/main.js"} {
			request := httptest.NewRequest("GET", here+path, nil)
			request.Host = host
			answer := httptest.NewRecorder()
			p.mux.ServeHTTP(answer, request)
			if (answer.Code == http.StatusOK) != may {
				t.Errorf("%q asks for %s: %d, want it to be let in: %v", host, path, answer.Code, may)
			}
		}
	}
	if answer := ask(p, "GET", "http://evil.example/", "", tokenHeader+": "+p.token); answer.Code != http.StatusOK {
		t.Errorf("who knows the token: %d", answer.Code)
	}
	if answer := ask(p, "GET", "http://evil.example/", "", tokenHeader+": "+p.token[1:]); answer.Code != http.StatusForbidden {
		t.Errorf("who knows some of the token: %d", answer.Code)
	}
}

// stageOf counts what is done.
type stageOf struct{ done []Act }

func (s *stageOf) State() State {
	return State{Open: true, Stopped: []string{"Hill"}, Cut: [][2]string{}}
}

func (s *stageOf) Do(_ context.Context, a Act) error {
	s.done = append(s.done, a)
	if a.Server == "Nobody" {
		return errors.New("there is no Nobody")
	}
	return nil
}

// TestWhoMayChangeAnything tries what a page of elsewhere could send.
func TestWhoMayChangeAnything(t *testing.T) {
	stage := &stageOf{}
	p := pageOf(stage)
	token, origin := tokenHeader+": "+p.token, "Origin: "+here
	kill := `{"what":"kill","server":"Meeks"}`
	for _, test := range []struct {
		what    string
		method  string
		target  string
		body    string
		headers []string
		code    int
	}{
		{"the page", "POST", here + "/act", kill, []string{token, origin}, 204},
		{"no token", "POST", here + "/act", kill, []string{origin}, 403},
		{"another run's token", "POST", here + "/act", kill, []string{tokenHeader + ": 0123", origin}, 403},
		{"no origin", "POST", here + "/act", kill, []string{token}, 403},
		{"another page", "POST", here + "/act", kill, []string{token, "Origin: http://evil.example"}, 403},
		{"a page of another port", "POST", here + "/act", kill, []string{token, "Origin: http://127.0.0.1:1"}, 403},
		{"a file", "POST", here + "/act", kill, []string{token, "Origin: null"}, 403},
		{"encrypted", "POST", here + "/act", kill, []string{token, "Origin: https://127.0.0.1:12400"}, 403},
		{"under another name", "POST", "http://evil.example/act", kill, []string{"Origin: http://evil.example"}, 403},
		{"as a question", "GET", here + "/act", "", []string{token, origin}, 405},
		{"nonsense", "POST", here + "/act", "kill them all", []string{token, origin}, 400},
		{"too much", "POST", here + "/act", `{"what":"` + strings.Repeat("x", maxAct) + `"}`, []string{token, origin}, 400},
		{"what cannot be done", "POST", here + "/act", `{"what":"kill","server":"Nobody"}`, []string{token, origin}, 409},
		{"no token, a line", "POST", here + "/say?server=Hill", "IAMAT", []string{origin}, 403},
		{"no origin, a line", "POST", here + "/say?server=Hill", "IAMAT", []string{token}, 403},
	} {
		if answer := ask(p, test.method, test.target, test.body, test.headers...); answer.Code != test.code {
			t.Errorf("%s: %d %s, want %d", test.what, answer.Code, answer.Body, test.code)
		}
	}
	if len(stage.done) != 2 || stage.done[0] != (Act{What: "kill", Server: "Meeks"}) {
		t.Errorf("done was %v", stage.done)
	}
	if answer := ask(pageOf(nil), "POST", here+"/act", kill, token, origin); answer.Code != http.StatusNotFound {
		t.Errorf("without a stage: %d", answer.Code)
	}
}

// clientPort is where a server serves clients: what comes is answered by f, once all
// has come.
func clientPort(t *testing.T, f func(lines string) string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			lines, _ := io.ReadAll(conn)
			_, _ = io.WriteString(conn, f(string(lines)))
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

func TestSayingALine(t *testing.T) {
	const odd = "? \xff\x1b[31m<script>\r\n"
	at := clientPort(t, func(lines string) string {
		if lines == "much\n" {
			return strings.Repeat("x", maxAnswered+1)
		}
		return lines + odd
	})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	p := pageOf(nil, Server{Name: "Hill", Clients: at}, Server{Name: "Meeks", Clients: closed.Addr().String()})
	for _, test := range []struct {
		server, said string
		code         int
		answer       string
	}{
		{"Hill", "IAMAT a +1+2 3", 200, "IAMAT a +1+2 3\n" + odd},
		{"Hill", "one\ntwo\n", 200, "one\ntwo\n" + odd},
		{"Hill", "", 400, "say at least one line, and at most 65536 bytes\n"},
		{"Hill", strings.Repeat("x", maxSaid+1), 400, "say at least one line, and at most 65536 bytes\n"},
		{"Hill", "much", 502, "Hill has not answered: the answer has more than 8388608 bytes\n"},
		{"Meeks", "IAMAT a +1+2 3", 502, "Meeks has not answered: connection refused\n"},
		{"Nobody", "IAMAT a +1+2 3", 404, "there is no server of that name\n"},
	} {
		answer := ask(p, "POST", here+"/say?server="+test.server, test.said, tokenHeader+": "+p.token, "Origin: "+here)
		if answer.Code != test.code || answer.Body.String() != test.answer {
			t.Errorf("%.30q to %s: %d %.200q", test.said, test.server, answer.Code, answer.Body)
		}
		if kind := answer.Header().Get("Content-Type"); test.code == 200 && kind != "application/octet-stream" {
			t.Errorf("the type is %q", kind)
		}
	}
}

// TestAServerThatDoesNotAnswer is given up once the page's patience is over.
func TestAServerThatDoesNotAnswer(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	at := clientPort(t, func(string) string { <-never; return "" })
	p := pageOf(nil, Server{Name: "Hill", Clients: at})
	p.Patience = 20 * time.Millisecond
	answer := ask(p, "POST", here+"/say?server=Hill", "IAMAT", tokenHeader+": "+p.token, "Origin: "+here)
	if answer.Code != 502 || answer.Body.String() != "Hill has not answered: its answer took too long\n" {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}
