package contract

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"proxyherd/herd/upstream"
	"proxyherd/herd/upstream/standin"
)

// at is the address of a kind's search on a server.
func at(t *testing.T, server, kind string) *url.URL {
	t.Helper()
	k, err := upstream.Named(kind)
	if err != nil {
		t.Fatal(err)
	}
	own, err := url.Parse(k.Service().URL)
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(server + own.Path)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// TestTheStandinKeepsEveryContract asks it just what the live services are asked.
func TestTheStandinKeepsEveryContract(t *testing.T) {
	server := httptest.NewServer(standin.New(standin.Options{}))
	defer server.Close()
	for _, kind := range Kinds() {
		t.Run(kind, func(t *testing.T) {
			findings, err := service(t, kind).Verify(t.Context(), server.Client(), at(t, server.URL, kind), "any key")
			if err != nil || len(findings) != len(questions) {
				t.Fatalf("%d findings, %v", len(findings), err)
			}
			for i, f := range findings {
				if len(f.Wrong)+len(f.Unknown) > 0 {
					t.Errorf("%s: %q, unknown %q", f.Question, f.Wrong, f.Unknown)
				}
				// Los Angeles fills an answer; an error has a field at least; what finds nothing may be {}.
				if least := []int{20, 0, 1}[i]; f.Checked < least {
					t.Errorf("%s: only %d values were checked", f.Question, f.Checked)
				}
			}
		})
	}
}

// TestServicesThatDoNotAnswer must not look as if they kept the contract, nor as if they broke it.
func TestServicesThatDoNotAnswer(t *testing.T) {
	for name, serve := range map[string]http.HandlerFunc{
		"rate limit":      func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"gone":            func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusGone) },
		"down":            func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"lost connection": func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
		"cut off": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "{}")
		},
		"a key that is not good": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"results":[],"html_attributions":[],"status":"REQUEST_DENIED","error_message":"The provided API key is invalid."}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(serve)
			defer server.Close()
			findings, err := service(t, "places").Verify(t.Context(), server.Client(), at(t, server.URL, "places"), "secret")
			if len(findings) != 0 || !errors.Is(err, ErrNotAnswered) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%v, %v", findings, err)
			}
		})
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	client := &http.Client{Timeout: time.Minute}
	if _, err := service(t, "places").Verify(t.Context(), client, at(t, closed.URL, "places"), "secret"); !errors.Is(err, ErrNotAnswered) || strings.Contains(err.Error(), "secret") {
		t.Errorf("a closed port: %v", err)
	}
}

// TestAServiceOfAnotherForm answers, but otherwise than documented.
func TestAServiceOfAnotherForm(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"batchcomplete":"","query":{"geosearch":[{"pageid":"1","ns":0,"title":"A","lat":1,"lon":2,"dist":3,"elevation":4}]}}`)
	}))
	defer server.Close()
	findings, err := service(t, "wikipedia").Verify(t.Context(), server.Client(), at(t, server.URL, "wikipedia"), "")
	if err != nil || len(findings) != len(questions) {
		t.Fatalf("%d findings, %v", len(findings), err)
	}
	if f := findings[0]; len(f.Wrong) != 1 || !strings.Contains(f.Wrong[0], "geosearch[0].pageid") || len(f.Unknown) != 1 || f.Unknown[0] != "query.geosearch[].elevation" {
		t.Errorf("%q, unknown %q", f.Wrong, f.Unknown)
	}
	if f := findings[2]; len(f.Wrong) == 0 {
		t.Errorf("an answer was taken for an error: %v", f)
	}
}
