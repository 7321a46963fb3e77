package scenario

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// Each question is put once to the one whose answers are replayed, and all of its answer
// comes again, after the delay each time.
func TestAnswersAreReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		from := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, "%s, question %d", r.URL.RawQuery, asked)
		})
		const delay = 300 * time.Millisecond
		replay := newReplay(from, delay)
		for _, want := range []string{"q=1, question 1", "q=2, question 2", "q=1, question 1", "q=2, question 2"} {
			began, w := time.Now(), httptest.NewRecorder()
			replay.ServeHTTP(w, httptest.NewRequest("GET", "/search.json?"+want[:len("q=1")], nil))
			if w.Body.String() != want || w.Code != http.StatusTeapot || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%d %v %q, want %q", w.Code, w.Header(), w.Body, want)
			}
			if took := time.Since(began); took != delay {
				t.Errorf("it took %v", took)
			}
		}
	})
}
