package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Three servers: one that is ready, one that says why it is not, and one that is
// down.
func TestWhoIsReadyIsTold(t *testing.T) {
	ready := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("it was asked for %s", r.URL.Path)
		}
		_, _ = io.WriteString(w, "ready\n")
	}))
	defer ready.Close()
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "B: it compares its records first", http.StatusServiceUnavailable)
	}))
	defer behind.Close()
	down := httptest.NewServer(nil)
	down.Close()
	servers := `[{"name":"A","clients":"127.0.0.1:1","http":"` + ready.Listener.Addr().String() +
		`"},{"name":"B","clients":"127.0.0.1:2","http":"` + behind.Listener.Addr().String() +
		`"},{"name":"C","clients":"127.0.0.1:3","http":"` + down.Listener.Addr().String() + `"}]`
	dir := t.TempDir()
	ask := func(args ...string) outcome {
		return herdIn(t, dir, append([]string{"status", "--ready", "--set", "servers=" + servers}, args...)...)
	}
	got := ask("A")
	if got.code != exitOK || got.out != "server  ready\nA       yes\n" {
		t.Errorf("%+v", got)
	}
	got = ask()
	for _, want := range []string{"\nA       yes\n", "\nB       no: its status page answers with an error: 503, \"B: it compares its records first\"\n", "\nC       no: down: connection refused"} {
		if got.code != exitFailed || !strings.Contains(got.out, want) {
			t.Errorf("exit code %d, without %q:\n%s", got.code, want, got.out)
		}
	}
	if !strings.Contains(got.err, "not every server is ready: 2 of 3 are not") {
		t.Errorf("it says %q", got.err)
	}
	got = ask("--json", "B", "A")
	if want := `[{"name":"A","ready":true,"error":""},{"name":"B","ready":false,"error":"`; got.code != exitFailed || !strings.HasPrefix(got.out, want) {
		t.Errorf("%+v", got)
	}
	if got = ask("D"); got.code != exitUsage {
		t.Errorf("of a server that is not there: %+v", got)
	}
}
