package peer_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// held are questions about latitude 8: of each a word in asked, and an answer for each
// word that answer gets.
type held struct{ asked, answer chan struct{} }

// misbehaving is a service whose answer depends on the latitude it is asked for.
func misbehaving(t *testing.T) (address string, eight held) {
	over := make(chan struct{})
	eight = held{asked: make(chan struct{}), answer: make(chan struct{})}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		latitude, _, _ := strings.Cut(r.FormValue("geocode"), ",")
		switch latitude {
		case "1":
			select { // says nothing
			case <-over:
			case <-r.Context().Done():
			}
		case "2":
			_, _ = io.WriteString(w, `{"results":[NaN]}`)
		case "3":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<html>over capacity</html>")
		case "4":
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"results":[`)
		case "5":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "{\n \"error\":\"over capacity\" }")
		case "6":
			_, _ = io.WriteString(w, "\ufeff{ \"id\": 270123456789012345678,\r\n\t\"x\":1.0e5, \"results\": [ \"é\" , \" ]\", [3,4], {} ], \"y\":\"\\u00e9\"}\n")
		case "7":
			_, _ = io.WriteString(w, `{"results":[`+strings.Repeat("1,", 5<<20)+`1]}`)
		case "8":
			for _, step := range []chan struct{}{eight.asked, eight.answer} {
				select {
				case step <- struct{}{}:
				case <-over:
					return
				}
			}
			_, _ = io.WriteString(w, `{"results":[]}`)
		}
	}))
	t.Cleanup(web.Close)
	t.Cleanup(func() { close(over) })
	return web.URL + "/search.json", eight
}
