package upstream_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"proxyherd/herd/upstream"
	"proxyherd/herd/upstream/standin"
)

// hundredTweets is the stand-in's answer with as many results as a page may have.
func hundredTweets(b *testing.B) []byte {
	b.Helper()
	answer := httptest.NewRecorder()
	standin.New(standin.Options{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/search.json?geocode=34.068930,-118.445127,100km&rpp=100", nil))
	if answer.Code != http.StatusOK {
		b.Fatalf("%d: %s", answer.Code, answer.Body)
	}
	return answer.Body.Bytes()
}

func BenchmarkCompact(b *testing.B) {
	answer := hundredTweets(b)
	var line []byte
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if line, err = upstream.Compact(line[:0], answer); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCutList(b *testing.B) {
	answer := hundredTweets(b)
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if line, err := upstream.CutList(answer, []string{"results"}, 20); err != nil || len(line) >= len(answer) {
			b.Fatalf("%d bytes, %v", len(line), err)
		}
	}
}

func BenchmarkErrorText(b *testing.B) {
	answer := hundredTweets(b)
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if text := (upstream.Twitter{}).ErrorText(answer); text != "" {
			b.Fatal(text)
		}
	}
}

func BenchmarkFetch(b *testing.B) {
	server := httptest.NewServer(standin.New(standin.Options{}))
	defer server.Close()
	client, err := upstream.New(upstream.Config{Kind: upstream.Twitter{}, URL: server.URL + "/search.json"})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	b.ReportAllocs()
	for b.Loop() {
		got := client.Fetch(b.Context(), upstream.Query{Latitude: "+34.068930", Longitude: "-118.445127", Radius: "100", Limit: 20})
		if got.Err != nil {
			b.Fatal(got.Err)
		}
	}
}
