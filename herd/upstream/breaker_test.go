package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheBreaker(t *testing.T) {
	fails := true
	bubbled(t, Config{}, func(int, *http.Request) (*http.Response, error) {
		if fails {
			return said(500, `{"error":"oops"}`)
		}
		return well()
	}, func(t *testing.T, c *Client, s *service) {
		expect := func(what string, err error, asked int) {
			t.Helper()
			before := s.times()
			if got := c.Fetch(t.Context(), somewhere); !errors.Is(got.Err, err) || s.times()-before != asked {
				t.Errorf("%s: asked %d times: %s, %v", what, s.times()-before, got.Line, got.Err)
			}
		}
		for i := range failuresToRest {
			expect(fmt.Sprint("failure ", i), ErrRefused, 2)
		}
		if state := c.Stats().Breaker; state != "open" {
			t.Errorf("the breaker is %s", state)
		}
		expect("resting", ErrResting, 0)
		time.Sleep(restTime + 1)
		expect("one is let through, and fails", ErrRefused, 2)
		expect("resting again", ErrResting, 0)
		time.Sleep(restTime + 1)
		fails = false
		expect("one is let through", nil, 1)
		expect("all is well", nil, 1)
		if stats := c.Stats(); stats.Breaker != "closed" || stats.Resting != 2 || stats.Refused != failuresToRest+1 {
			t.Errorf("%+v", stats)
		}
	})
}

// TestWhatTheBreakerMinds: errors that a service explains are none of its health.
func TestWhatTheBreakerMinds(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(r *http.Request) (*http.Response, error)
		opens  bool
	}{
		{"errors of ours", func(*http.Request) (*http.Response, error) { return said(403, `{"error":"no"}`) }, false},
		{"no JSON", func(*http.Request) (*http.Response, error) { return said(200, `?`) }, false},
		{"pages of HTML", func(*http.Request) (*http.Response, error) { return said(502, `<html>`) }, true},
		{"silence", silent, true},
		{"lost connections", func(*http.Request) (*http.Response, error) { return nil, errReset }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubbled(t, Config{}, func(_ int, r *http.Request) (*http.Response, error) { return test.answer(r) }, func(t *testing.T, c *Client, _ *service) {
				for range 2 * failuresToRest {
					// As a server asks: its time is up a moment before the client's own.
					ctx, cancel := context.WithTimeout(t.Context(), c.config.Timeout-1)
					c.Fetch(ctx, somewhere)
					cancel()
				}
				synctest.Wait()
				if opened := c.Stats().Resting > 0; opened != test.opens {
					t.Errorf("%+v", c.Stats())
				}
			})
		})
	}
}
