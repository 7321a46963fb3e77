package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"proxyherd/herd/upstream/standin"
)

// toStandin takes every request to the stand-in, wherever it was meant to go.
type toStandin struct {
	serve http.Handler
	hosts map[string]int // whom the requests were for
}

func (s toStandin) RoundTrip(r *http.Request) (*http.Response, error) {
	s.hosts[r.URL.Host]++
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	s.serve.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// noNetwork fails every request.
type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("network is unreachable")
}

func TestRun(t *testing.T) {
	noKeys := func(string) string { return "" }
	keys := func(string) string { return "secret" }
	garbled := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"batchcomplete":"","query":{"geosearch":[{"pageid":1,"extra":1}]}}`)
	})
	tests := []struct {
		name      string
		arguments string
		getenv    func(string) string
		transport http.RoundTripper
		status    int
		says      string // in the last line
	}{
		{"no kind", "", keys, noNetwork{}, misused, "name one kind"},
		{"two kinds", "x places", keys, noNetwork{}, misused, "name one kind"},
		{"unknown kind", "gopher", keys, noNetwork{}, misused, `no contract for the kind "gopher"`},
		{"no service", "twitter", keys, noNetwork{}, kept, "not run: no service: Twitter switched it off"},
		{"no key", "x", noKeys, noNetwork{}, kept, "not run: no key: put one for x into the environment variable X_BEARER_TOKEN"},
		{"no network", "wikipedia", noKeys, noNetwork{}, kept, "not run: en.wikipedia.org: the service did not answer: network is unreachable"},
		{"wikipedia", "wikipedia", noKeys, toStandin{standin.New(standin.Options{}), map[string]int{}}, kept, "wikipedia keeps the contract"},
		{"twitter11", "twitter11", keys, toStandin{standin.New(standin.Options{}), map[string]int{}}, kept, "twitter11 keeps the contract"},
		{"x", "x", keys, toStandin{standin.New(standin.Options{}), map[string]int{}}, kept, "x keeps the contract"},
		{"places", "places", keys, toStandin{standin.New(standin.Options{}), map[string]int{}}, kept, "places keeps the contract"},
		{"places-new", "places-new", keys, toStandin{standin.New(standin.Options{}), map[string]int{}}, kept, "places-new keeps the contract"},
		{"a broken contract", "wikipedia", noKeys, toStandin{garbled, map[string]int{}}, broken, "not in our list of documented fields: query"},
		{"a service that is down", "wikipedia", noKeys, toStandin{standin.New(standin.Options{FailEvery: 1}), map[string]int{}}, kept, "not run: en.wikipedia.org: the service did not answer: it says 503"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			status := run(t.Context(), strings.Fields(test.arguments), test.getenv, &http.Client{Transport: test.transport}, &out)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if status != test.status || !strings.Contains(lines[len(lines)-1], test.says) || strings.Contains(out.String(), "secret") {
				t.Errorf("status %d:\n%s", status, out.String())
			}
			if standin, asked := test.transport.(toStandin); asked && len(standin.hosts) != 1 {
				t.Errorf("it asked %v", standin.hosts)
			}
		})
	}
}
