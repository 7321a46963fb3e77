package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"proxyherd/herd"
)

// lookAt asks a server for a page.
func lookAt(t *testing.T, address, path, token string) (code int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// TestTheHTTPPortOfARealServer has a client come, and looks for it on every page.
func TestTheHTTPPortOfARealServer(t *testing.T) {
	const token = "0123456789abcdef-token"
	dir, config := inDir(t, func(c *herd.Config) { c.HTTPTokenFile, c.Log.ThreadTime = "token", true })
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, dir, "serve", "Hill", "--pprof")
	p.await(t, "ready Hill")
	report(t, config, "Hill", "kiwi")
	hill, _ := config.Server("Hill")
	for _, test := range []struct {
		path string
		has  []string
	}{
		{"/healthz", []string{"ok\n"}},
		{"/readyz", []string{"ready\n"}},
		{"/status.json", []string{`"name":"Hill"`, `"upstream":{"asked":0,`}},
		{"/metrics", []string{
			`herd_lines_total{command="IAMAT"} `, "\nherd_connections_opened_total ", "\nherd_turn_seconds_count ",
			`herd_turn_slowest_seconds{callback="`, "\nherd_turn_thread_seconds_count ", `herd_turn_thread_slowest_seconds{callback="`, "\nherd_whatsat_seconds_count 0\n", "\nherd_upstream_questions_total 0\n",
			"\nherd_log_dropped_total 0\n", `herd_link_up{peer="Meeks"} 0`, "\nherd_link_resyncs_total", "\ngo_goroutines ",
		}},
		{"/connections.json", []string{`{"connections":[`}},
		{"/debug/pprof/cmdline", []string{"--pprof"}},
	} {
		code, body := lookAt(t, hill.HTTP, test.path, token)
		for _, want := range test.has {
			if code != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %d, without %q: %s", test.path, code, want, body)
			}
		}
		if code, body := lookAt(t, hill.HTTP, test.path, ""); code != 401 || !strings.Contains(body, "token") {
			t.Errorf("%s without the token: %d %s", test.path, code, body)
		}
	}
	if got := herdIn(t, dir, "status", "Hill", "--json"); !strings.Contains(got.out, `"iamat":`) || strings.Contains(got.out+got.err, token) {
		t.Errorf("herd status: %d %s%s", got.code, got.out, got.err)
	}
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
	log, err := os.ReadFile(filepath.Join(config.Log.Dir, "Hill.log"))
	if err != nil || strings.Contains(string(log)+p.said(), token) {
		t.Errorf("the log has the token, or cannot be read: %v", err)
	}
}

// TestAConnectionIsListed keeps a client connected meanwhile.
func TestAConnectionIsListed(t *testing.T) {
	dir, config := inDir(t, nil)
	p := serve(t, dir, "Hill")
	hill, _ := config.Server("Hill")
	conn := dial(t, config, "Hill")
	write(t, conn, "a line\nhalf a ")
	if _, err := io.ReadFull(conn, make([]byte, len("? a line\n"))); err != nil {
		t.Fatal(err)
	}
	c := conn.LocalAddr().String()
	_, body := lookAt(t, hill.HTTP, "/connections.json", "")
	var got struct {
		Connections []struct {
			Number, Lines, Waiting int
			Client, Since, Holds   string
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Connections) != 1 {
		t.Fatalf("%s", body)
	}
	if one := got.Connections[0]; one.Client != c || one.Lines != 1 || one.Number < 1 || one.Since == "" || one.Holds != "" || one.Waiting != 0 {
		t.Errorf("%+v, want the one of %s", one, c)
	}
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
}

// TestBeyondLoopbackThereMustBeAToken asks all that read a config.
func TestBeyondLoopbackThereMustBeAToken(t *testing.T) {
	dir := t.TempDir()
	const open = `"servers":[{"name":"A","clients":"127.0.0.1:0","http":"0.0.0.0:0"}],"secret_file":"secret"`
	for name, text := range map[string]string{
		"none.json": `{` + open + `}`, "behind.json": `{` + strings.Replace(open, `"0.0.0.0:0"`, `"127.0.0.1:80","listen":{"http":"[::]:80"}`, 1) + `}`, "gone.json": `{` + open + `,"http_token_file":"gone"}`,
		"short.json": `{` + open + `,"http_token_file":"short"}`, "good.json": `{` + open + `,"http_token_file":"token"}`,
		"short": "sesame", "token": "0123456789abcdef", "secret": "a secret of the tests, long enough",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for config, says := range map[string]string{
		"none.json":   `servers[0].http: the status page is served on loopback only, unless it asks for a token: "0.0.0.0:0" is not; name a file with a token in http_token_file`,
		"behind.json": `servers[0].listen.http: the status page is served on loopback only, unless it asks for a token: "[::]:80" is not`,
		"gone.json":   "http_token_file: the http ports' token is not there",
		"short.json":  "http_token_file: a token has at least 16 visible ASCII characters",
	} {
		for _, command := range [][]string{{"check", config}, {"serve", "A", "--config", config}, {"up", "--config", config}} {
			got := herdIn(t, dir, command...)
			if got.code != 2 || !strings.Contains(got.err, says) || strings.Contains(got.err+got.out, "sesame") {
				t.Errorf("herd %q: %d, %s%s", command, got.code, got.out, got.err)
			}
		}
	}
	if got := herdIn(t, dir, "check", "good.json"); got.code != 0 {
		t.Errorf("herd check good.json: %d, %s%s", got.code, got.out, got.err)
	}
}
