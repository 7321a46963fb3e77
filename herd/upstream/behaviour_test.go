package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The tests of this file run in a bubble of testing/synctest: time passes when everybody waits, so minutes cost nothing
// and nobody guesses how long something takes. That is why the service is a function here, and no socket.

// service plays the upstream: it is called once for each request.
type service struct {
	mu     sync.Mutex
	asked  []time.Time
	answer func(n int, r *http.Request) (*http.Response, error) // n counts from 1
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.asked = append(s.asked, time.Now())
	n := len(s.asked)
	s.mu.Unlock()
	return s.answer(n, r)
}

func (s *service) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// bubbled runs a story with a client of a service.
func bubbled(t *testing.T, config Config, answer func(n int, r *http.Request) (*http.Response, error), story func(t *testing.T, c *Client, s *service)) {
	synctest.Test(t, func(t *testing.T) {
		if config.Kind == nil {
			config.Kind = Twitter{}
		}
		client, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		s := &service{answer: answer}
		client.http.Transport = s
		story(t, client, s)
		client.Close()
		checkSum(t, client.Stats())
	})
}

// checkSum holds Stats to its promise: every question ends in exactly one way.
func checkSum(t *testing.T, s Stats) {
	t.Helper()
	ended := s.Answered + s.Timeouts + s.Withdrawn + s.Unreachable + s.CutOff + s.TooLong + s.NotJSON + s.Refused + s.Limited + s.Resting + s.Broken
	if ended != s.Asked {
		t.Errorf("%d questions, %d ends: %+v", s.Asked, ended, s)
	}
}

// said is an answer with a status, a body and headers in pairs.
func said(status int, body string, headers ...string) (*http.Response, error) {
	r := &http.Response{StatusCode: status, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r, nil
}

func well() (*http.Response, error) { return said(200, `{"results":[1,2,3]}`) }

// silent answers nothing, until whoever asked goes.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

var errReset = &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}

func TestOneRetry(t *testing.T) {
	for _, test := range []struct {
		name  string
		first func(r *http.Request) (*http.Response, error)
		asked int
		err   error // of the outcome; nil where the second attempt helps
	}{
		{"a lost connection", func(*http.Request) (*http.Response, error) { return nil, errReset }, 2, nil},
		{"a 500", func(*http.Request) (*http.Response, error) { return said(500, `{"error":"oops"}`) }, 2, nil},
		{"a page of HTML", func(*http.Request) (*http.Response, error) { return said(503, `<html>`) }, 2, nil},
		{"silence", silent, 2, nil},
		{"half an answer", func(*http.Request) (*http.Response, error) {
			r, err := said(200, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"results":`), breaks{}))
			return r, err
		}, 2, nil},
		{"an error of ours", func(*http.Request) (*http.Response, error) { return said(403, `{"error":"no"}`) }, 1, ErrRefused},
		{"no JSON", func(*http.Request) (*http.Response, error) { return said(200, `<html>`) }, 1, ErrNotJSON},
		{"too often", func(*http.Request) (*http.Response, error) { return said(429, `{"error":"no"}`) }, 1, ErrLimited},
		{"too often, in 2008", func(*http.Request) (*http.Response, error) { return said(503, `{}`, "Retry-After", "5") }, 1, ErrLimited},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubbled(t, Config{}, func(n int, r *http.Request) (*http.Response, error) {
				if n == 1 {
					return test.first(r)
				}
				return well()
			}, func(t *testing.T, c *Client, s *service) {
				got := c.Fetch(t.Context(), somewhere)
				if s.times() != test.asked || !errors.Is(got.Err, test.err) || test.err == nil && string(got.Line) != `{"results":[1,2]}` {
					t.Errorf("asked %d times: %s, %v", s.times(), got.Line, got.Err)
				}
				if stats := c.Stats(); stats.Requests != int64(test.asked) || stats.Retried != int64(test.asked-1) {
					t.Errorf("%+v", stats)
				}
			})
		})
	}
}

// breaks is a connection that ends before its time.
type breaks struct{}

func (breaks) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTheSecondAttemptIsTheLast(t *testing.T) {
	bubbled(t, Config{}, func(int, *http.Request) (*http.Response, error) { return nil, errReset }, func(t *testing.T, c *Client, s *service) {
		got := c.Fetch(t.Context(), somewhere)
		if !errors.Is(got.Err, ErrUnreachable) || s.times() != 2 || c.Stats().Unreachable != 1 {
			t.Errorf("asked %d times: %v", s.times(), got.Err)
		}
	})
}

func TestTimeouts(t *testing.T) {
	for _, test := range []struct {
		name   string
		config Config
		within time.Duration // of the caller; 0: no bound
		took   time.Duration
		asked  []time.Duration // when
	}{
		{"three fifths, and the rest", Config{Timeout: 5 * time.Second}, 0, 5 * time.Second, []time.Duration{0, 3 * time.Second}},
		{"two short attempts", Config{Timeout: 5 * time.Second, AttemptTimeout: time.Second}, 0, 2 * time.Second, []time.Duration{0, time.Second}},
		{"an attempt longer than all", Config{Timeout: time.Second, AttemptTimeout: time.Hour}, 0, time.Second, []time.Duration{0}},
		{"a caller in a hurry", Config{}, 2 * time.Second, 2 * time.Second, []time.Duration{0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubbled(t, test.config, func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }, func(t *testing.T, c *Client, s *service) {
				ctx, cancel := context.WithCancel(t.Context())
				if test.within > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), test.within)
				}
				defer cancel()
				began := time.Now()
				got := c.Fetch(ctx, somewhere)
				if took := time.Since(began); took != test.took || !errors.Is(got.Err, ErrTimeout) || string(got.Line) != `{"error":"twitter did not answer in time"}` {
					t.Errorf("after %v: %s, %v", took, got.Line, got.Err)
				}
				var asked []time.Duration
				for _, at := range s.asked {
					asked = append(asked, at.Sub(began))
				}
				if fmt.Sprint(asked) != fmt.Sprint(test.asked) {
					t.Errorf("asked at %v, want %v", asked, test.asked)
				}
			})
		})
	}
}

func TestAPauseThatIsAskedForIsKept(t *testing.T) {
	at := func(d time.Duration, form func(time.Time) string) string { return form(time.Now().Add(d)) }
	for _, test := range []struct {
		name    string
		status  int
		headers func() []string
		pause   time.Duration
	}{
		{"420 and seconds", 420, func() []string { return []string{"Retry-After", "20"} }, 20 * time.Second},
		{"429 and a date", 429, func() []string {
			return []string{"Retry-After", at(90*time.Second, func(t time.Time) string { return t.UTC().Format(http.TimeFormat) })}
		}, 90 * time.Second},
		{"429 and a reset", 429, func() []string {
			return []string{"x-rate-limit-reset", at(15*time.Minute, func(t time.Time) string { return fmt.Sprint(t.Unix()) })}
		}, 15 * time.Minute},
		{"503 and seconds", 503, func() []string { return []string{"Retry-After", "7"} }, 7 * time.Second},
		{"no word of how long", 429, func() []string { return nil }, firstPause},
		{"no sense", 429, func() []string { return []string{"Retry-After", "soon"} }, firstPause},
		{"no time", 429, func() []string { return []string{"Retry-After", "0"} }, shortestPause},
		{"years", 429, func() []string { return []string{"Retry-After", "999999999"} }, longestPause},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubbled(t, Config{}, func(n int, r *http.Request) (*http.Response, error) {
				if n == 1 {
					return said(test.status, `{"error":"calm"}`, test.headers()...)
				}
				return well()
			}, func(t *testing.T, c *Client, s *service) {
				began := time.Now()
				if got := c.Fetch(t.Context(), somewhere); string(got.Line) != `{"error":"calm"}` || !errors.Is(got.Err, ErrRefused) || !errors.Is(got.Err, ErrLimited) {
					t.Errorf("%s, %v", got.Line, got.Err)
				}
				if until := c.Stats().PausedUntil; until != began.Add(test.pause).Unix() {
					t.Errorf("paused until %d, want %d", until, began.Add(test.pause).Unix())
				}
				time.Sleep(test.pause - 1)
				if got := c.Fetch(t.Context(), somewhere); string(got.Line) != `{"error":"twitter is asked too often. Ask again in 1 s."}` || !errors.Is(got.Err, ErrLimited) || s.times() != 1 {
					t.Errorf("%s, %v, asked %d times", got.Line, got.Err, s.times())
				}
				time.Sleep(time.Nanosecond)
				if got := c.Fetch(t.Context(), somewhere); got.Err != nil || s.times() != 2 || c.Stats().PausedUntil != 0 {
					t.Errorf("%s, %v, asked %d times", got.Line, got.Err, s.times())
				}
			})
		})
	}
}

func TestPausesOfNoStatedLengthDouble(t *testing.T) {
	answers := true
	bubbled(t, Config{}, func(int, *http.Request) (*http.Response, error) {
		if answers {
			return well()
		}
		return said(420, `{}`)
	}, func(t *testing.T, c *Client, _ *service) {
		pauses := func(n int) (lengths []int64) {
			answers = false
			for range n {
				c.Fetch(t.Context(), somewhere)
				length := c.Stats().PausedUntil - time.Now().Unix()
				lengths = append(lengths, length)
				time.Sleep(time.Duration(length) * time.Second)
			}
			return lengths
		}
		if got := fmt.Sprint(pauses(7)); got != "[10 20 40 80 160 240 240]" {
			t.Errorf("%s", got)
		}
		answers = true
		c.Fetch(t.Context(), somewhere)
		if got := fmt.Sprint(pauses(2)); got != "[10 20]" {
			t.Errorf("after an answer: %s", got)
		}
	})
}

// TestPausesInABody: two services tell it with a status of 200.
func TestPausesInABody(t *testing.T) {
	for _, test := range []struct {
		kind Kind
		body string
	}{
		{Places{}, `{"results":[],"status":"OVER_QUERY_LIMIT"}`},
		{Wikipedia{}, `{"error":{"code":"ratelimited","info":"You've exceeded your rate limit."}}`},
		{Wikipedia{}, `{"error":{"code":"maxlag","info":"Waiting for a database"}}`},
	} {
		bubbled(t, Config{Kind: test.kind, Key: newKey(t, "k")}, func(int, *http.Request) (*http.Response, error) { return said(200, test.body) }, func(t *testing.T, c *Client, s *service) {
			for range 2 {
				if got := c.Fetch(t.Context(), near("1", 1)); !errors.Is(got.Err, ErrLimited) {
					t.Errorf("%s: %v", test.body, got.Err)
				}
			}
			if s.times() != 1 {
				t.Errorf("%s: asked %d times", test.body, s.times())
			}
		})
	}
}
