package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
)

func TestSettingsAndKindsAgree(t *testing.T) {
	if !slices.Equal(herd.UpstreamKinds, upstream.Names()) {
		t.Errorf("settings know %q, there are %q", herd.UpstreamKinds, upstream.Names())
	}
	t.Setenv("HERD_TEST_KEY", "k3y")
	for _, name := range herd.UpstreamKinds {
		config := herd.Default()
		config.Upstream.Kind, config.Upstream.URL, config.Upstream.KeyEnv = name, "", "HERD_TEST_KEY"
		service, err := serviceOf(config.Upstream)
		if err != nil || service.Kind.Name() != name || addressOf(config.Upstream) != service.Kind.Service().URL {
			t.Errorf("%s: %v, %v", name, service.Kind, err)
			continue
		}
		// What the terms of a service forbid is found by both.
		config.Upstream.Cache = herd.Duration(time.Minute)
		_, settingsSay := config.Check()
		_, clientSays := serviceOf(config.Upstream)
		if (settingsSay != nil) != service.Kind.Service().NoStore || (clientSays != nil) != service.Kind.Service().NoStore {
			t.Errorf("%s with a cache: %v; %v", name, settingsSay, clientSays)
		}
		config.Upstream.Cache = 0
		for _, format := range herd.UpstreamFormats {
			config.Upstream.Format = format
			_, settingsSay := config.Check()
			_, clientSays := serviceOf(config.Upstream)
			if (settingsSay == nil) != (clientSays == nil) {
				t.Errorf("%s in format %s: %v; %v", name, format, settingsSay, clientSays)
			}
		}
	}
}

func TestAMissingKeyIsSaidBeforeAnythingStarts(t *testing.T) {
	dir := t.TempDir()
	const servers = `"servers":[{"name":"A","clients":"127.0.0.1:0"}],"log":{"dir":"logs"}`
	for name, text := range map[string]string{
		"none.json":  `{` + servers + `,"upstream":{"kind":"places"}}`,
		"unset.json": `{` + servers + `,"upstream":{"kind":"x","key_env":"HERD_TEST_UNSET"}}`,
		"gone.json":  `{` + servers + `,"upstream":{"kind":"twitter11","key_file":"gone"}}`,
		"open.json":  `{` + servers + `,"upstream":{"kind":"places-new","key_file":"open"}}`,
		"words.json": `{` + servers + `,"upstream":{"kind":"places-new","key_file":"words"}}`,
		"open":       "k3y-itself",
		"words":      "k3y itself",
		"good.json":  `{` + servers + `,"upstream":{"kind":"x","key_file":"key","format":"2012"}}`,
		"key":        "k3y-itself\n",
		"wiki.json":  `{` + servers + `,"upstream":{"kind":"wikipedia"}}`,
	} {
		mode := os.FileMode(0o600)
		if name == "open" {
			mode = 0o644
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	for config, says := range map[string]string{
		"none.json":  `upstream.kind is "places", which answers nobody without a key; name the environment variable`,
		"unset.json": "the environment variable HERD_TEST_UNSET is empty or not set",
		"gone.json":  filepath.Join(dir, "gone"),
		"open.json":  "run chmod 600",
		"words.json": "upstream.key_file: not a key",
	} {
		for _, command := range [][]string{{"check", config}, {"serve", "A", "--config", config}, {"up", "--config", config}} {
			got := herdIn(t, dir, command...)
			if got.code != 2 || !strings.Contains(got.err, says) || strings.Contains(got.err+got.out, "k3y") {
				t.Errorf("herd %q: %d, %s%s", command, got.code, got.out, got.err)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "logs")); !os.IsNotExist(err) {
		t.Errorf("something was started: %v", err)
	}
	for config, says := range map[string]string{
		"good.json": "WHATSAT asks x at https://api.x.com/2/tweets/search/recent.",
		"wiki.json": "WHATSAT asks wikipedia at https://en.wikipedia.org/w/api.php.",
	} {
		if got := herdIn(t, dir, "check", config); got.code != 0 || !strings.Contains(got.out, says) {
			t.Errorf("herd check %s: %d, %s%s", config, got.code, got.out, got.err)
		}
	}
}

// TestAKeyIsInNoLog runs a server against a service that repeats its key in an error, and looks for it in what the
// server writes.
func TestAKeyIsInNoLog(t *testing.T) {
	asked := make(chan string, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("key")
		io.WriteString(w, `{"results":[],"status":"REQUEST_DENIED","error_message":"the key `+r.URL.Query().Get("key")+` is bad"}`)
	}))
	defer server.Close()
	dir, config := inDir(t, func(c *herd.Config) {
		c.Upstream.Kind, c.Upstream.URL, c.Upstream.KeyFile = "places", server.URL, "key"
	})
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte("k3y-itself\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serve(t, dir, "Hill")
	at := report(t, config, "Hill", "asker")
	got := exchange(t, config, "Hill", "WHATSAT asker 10 2\n")
	if key := <-asked; key != "k3y-itself" {
		t.Errorf("the service got the key %q", key)
	}
	if len(got) != 2 || got[0] != at || !strings.Contains(got[1], `"status":"UNKNOWN_ERROR"`) {
		t.Errorf("%q", got)
	}
	hill, _ := config.Server("Hill")
	page, err := http.Get("http://" + hill.HTTP + "/status.json")
	if err != nil {
		t.Fatal(err)
	}
	status, err := io.ReadAll(page.Body)
	if err = errors.Join(err, page.Body.Close()); err != nil || !strings.Contains(string(status), `"upstream":{"asked":1,"requests":1,`) || !strings.Contains(string(status), `"refused":1,`) {
		t.Errorf("%s, %v", status, err)
	}
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
	log, err := os.ReadFile(filepath.Join(config.Log.Dir, "Hill.log"))
	if err != nil || !strings.Contains(string(log), "[key]") {
		t.Errorf("the log does not tell of the error: %s, %v", log, err)
	}
	if all := p.said() + string(log) + string(status) + strings.Join(got, ""); strings.Contains(all, "k3y") {
		t.Errorf("the key is in %s", all)
	}
}
