package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// newKey makes a key that is good.
func newKey(t *testing.T, text string) Key {
	t.Helper()
	key, err := NewKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestWhatCanBeAKey(t *testing.T) {
	for text, good := range map[string]bool{
		"a": true, "AIza_-.~+/=": true, strings.Repeat("k", maxKey): true,
		"": false, "two words": false, "secret\n": false, "sécret": false, "secret\x7f": false, strings.Repeat("k", maxKey+1): false,
	} {
		key, err := NewKey(text)
		if (err == nil) != good || key.IsZero() == good || err != nil && (!errors.Is(err, ErrKey) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("NewKey(%.20q) = %v", text, err)
		}
	}
}

func TestAKeyNeverShowsItself(t *testing.T) {
	key := newKey(t, "s3cret")
	client, err := New(Config{Kind: X{}, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var shown string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{key, &key, []Key{key}, client.config, struct{ hidden Key }{key}} {
			shown += fmt.Sprintf(verb, value)
		}
	}
	if strings.Contains(shown, "s3cret") || strings.Contains(shown, fmt.Sprintf("%x", "s3cret")) {
		t.Errorf("it is in %s", shown)
	}
	if got := fmt.Sprint(key, Key{}); got != "[key] " {
		t.Errorf("%q", got)
	}
}

// TestNothingGivesAwayTheKey has upstreams that repeat it in every place where they can.
func TestNothingGivesAwayTheKey(t *testing.T) {
	const text = "s3cret+/="
	echo := func(status int, before, after string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://elsewhere.example/?key="+text)
			w.WriteHeader(status)
			io.WriteString(w, before+text+after)
		}
	}
	serves := map[string]http.HandlerFunc{
		"an error in JSON":  echo(403, `{"status":"REQUEST_DENIED","error_message":"the key `, ` is bad","error":{"message":"`+text+`"},"errors":[{"message":"`+text+`"}]}`),
		"another error":     echo(500, `["`, `"]`),
		"a page of HTML":    echo(404, `<p>`, `</p>`),
		"a redirect":        echo(302, ``, ``),
		"no JSON":           echo(200, ``, ``),
		"no HTTP":           raw("HTTP/1.1 " + text + " no\r\n\r\n"),
		"no HTTP, as asked": raw("?key=s3cret%2B%2F%3D\r\n\r\n"),
		"a lost connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	checked := 0
	for name, serve := range serves {
		for _, kind := range []Kind{Twitter11{}, X{}, X2012{}, Places{}, PlacesNew{}} {
			server := httptest.NewServer(serve)
			client, err := New(Config{Kind: kind, URL: server.URL, Key: newKey(t, text)})
			if err != nil {
				t.Fatal(err)
			}
			got := client.Fetch(t.Context(), near("1", 2))
			client.Close()
			server.Close()
			if got.Err == nil || !json.Valid(got.Line) {
				t.Errorf("%s, %s: %s, %v", kind.Name(), name, got.Line, got.Err)
				continue
			}
			for err := got.Err; err != nil; err = errors.Unwrap(err) {
				if strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s, %s: %v", kind.Name(), name, err)
				}
			}
			if bytes.Contains(got.Line, []byte("s3cret")) {
				t.Errorf("%s, %s: %s", kind.Name(), name, got.Line)
			}
			checked++
		}
	}
	if checked != 8*5 {
		t.Errorf("%d answers were checked", checked)
	}
}

func TestAHiddenErrorIsStillWhatItIs(t *testing.T) {
	err := newKey(t, "s3cret").hide(fmt.Errorf("%w: it says s3cret", ErrRefused))
	if !errors.Is(err, ErrRefused) || err.Error() != ErrRefused.Error()+": it says [key]" {
		t.Errorf("%v", err)
	}
}
