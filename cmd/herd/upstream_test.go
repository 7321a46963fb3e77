package main

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTheStandinMisbehavesAsItsFlagsSay asks the same thing four times.
func TestTheStandinMisbehavesAsItsFlagsSay(t *testing.T) {
	for flags, want := range map[string]string{
		"":                              "good good good good",
		"--fail":                        "503 503 503 503",
		"--fail=2 --fail-status 502":    "good 502 good 502",
		"--rate-limit --fail":           "429 429 429 429",
		"--garbage=3":                   "good good garbage good",
		"--truncate --huge":             "cut off cut off cut off cut off",
		"--huge=4 --jitter 1ms":         "good good good huge",
		"--slow 1ms --delay 1ms --fail": "503 503 503 503",
	} {
		t.Run(flags, func(t *testing.T) {
			p := start(t, t.TempDir(), append([]string{"upstream", "--listen", "127.0.0.1:0"}, strings.Fields(flags)...)...)
			_, url, _ := strings.Cut(p.await(t, "ready upstream"), "url=")
			url = strings.TrimSuffix(url, "/search.json") + "/w/api.php?action=query&list=geosearch&format=json&gscoord=35.69%7C139.69"
			var got []string
			for range 4 {
				got = append(got, outcomeOf(t, url))
			}
			if all := strings.Join(got, " "); all != want {
				t.Errorf("%s, want %s", all, want)
			}
		})
	}
}

// outcomeOf asks, and says in a word what came of it.
func outcomeOf(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut off"
	case err != nil:
		t.Fatal(err)
	case answer.StatusCode != http.StatusOK:
		return answer.Status[:3]
	case len(body) > 16<<20:
		return "huge"
	case !json.Valid(body):
		return "garbage"
	}
	return "good"
}

// TestTheStandinIsSlowIfItIsToldTo has it wait for longer than anybody would.
func TestTheStandinIsSlowIfItIsToldTo(t *testing.T) {
	for _, flag := range []string{"--slow", "--delay", "--jitter"} {
		p := start(t, t.TempDir(), "upstream", "--listen", "127.0.0.1:0", flag, "100000h")
		_, url, _ := strings.Cut(p.await(t, "ready upstream"), "url=")
		client := http.Client{Timeout: 100 * time.Millisecond}
		answer, err := client.Get(url)
		if err == nil {
			_ = answer.Body.Close()
			t.Errorf("%s: it answered %s", flag, answer.Status)
		}
	}
}
