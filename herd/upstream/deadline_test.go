package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestFetchEndsWithItsContext has an upstream that is silent, before its answer and in the middle of it.
func TestFetchEndsWithItsContext(t *testing.T) {
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/half") {
			io.WriteString(w, `{"results":[`)
			http.NewResponseController(w).Flush()
		}
		if strings.HasPrefix(r.URL.Path, "/cancelled") {
			asked <- struct{}{}
		}
		<-r.Context().Done()
	}))
	defer server.Close()

	silences := []struct {
		path   string
		status int // at most: whether the client has read the head when the end comes is not known
	}{{"/none", 0}, {"/half", http.StatusOK}}
	for _, silence := range silences {
		check := func(t *testing.T, got Result, line string, want error) {
			if string(got.Line) != line || got.Status > silence.status || !errors.Is(got.Err, want) {
				t.Errorf("%s, %d, %v", got.Line, got.Status, got.Err)
			}
			isOneLine(t, got)
		}
		const timedOut, withdrawn = `{"error":"twitter did not answer in time"}`, `{"error":"the question to twitter was withdrawn"}`
		t.Run("cancelled"+silence.path, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-asked
				cancel()
			}()
			client := newClient(t, Config{URL: server.URL + "/cancelled" + silence.path, Timeout: time.Hour})
			check(t, client.Fetch(ctx, somewhere), withdrawn, ErrWithdrawn)
		})
		t.Run("deadline of the context"+silence.path, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			client := newClient(t, Config{URL: server.URL + silence.path, Timeout: time.Hour})
			check(t, client.Fetch(ctx, somewhere), timedOut, ErrTimeout)
		})
		t.Run("timeout of the client"+silence.path, func(t *testing.T) {
			client := newClient(t, Config{URL: server.URL + silence.path, Timeout: 50 * time.Millisecond})
			check(t, client.Fetch(t.Context(), somewhere), timedOut, ErrTimeout)
		})
		t.Run("over before it begins"+silence.path, func(t *testing.T) {
			ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
			defer cancel()
			client := newClient(t, Config{URL: server.URL + silence.path})
			check(t, client.Fetch(ctx, somewhere), timedOut, ErrTimeout)
		})
	}
}
