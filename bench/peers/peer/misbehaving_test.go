package peer_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// misbehaving is a service whose answer depends on the latitude it is asked for.
func misbehaving(t *testing.T) (address string) {
	over := make(chan struct{})
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
		default:
			time.Sleep(100 * time.Millisecond) // long enough that a stopping server has something to wait for
			_, _ = io.WriteString(w, `{"results":[]}`)
		}
	}))
	t.Cleanup(web.Close)
	t.Cleanup(func() { close(over) })
	return web.URL + "/search.json"
}
