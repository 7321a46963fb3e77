package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	bubbled(t, Config{Connections: 1}, func(int, *http.Request) (*http.Response, error) {
		time.Sleep(time.Second)
		return well()
	}, func(t *testing.T, c *Client, s *service) {
		results := make(chan Result, 100)
		for range cap(results) {
			c.Ask(t.Context(), somewhere, func(r Result) { results <- r })
		}
		lines := make(map[*byte]bool)
		for range cap(results) {
			got := <-results
			if got.Err != nil || string(got.Line) != `{"results":[1,2]}` {
				t.Errorf("%s, %v", got.Line, got.Err)
			}
			lines[&got.Line[0]] = true
		}
		if s.times() != 1 || len(lines) != cap(results) {
			t.Errorf("asked %d times, %d lines of their own", s.times(), len(lines))
		}
		if stats := c.Stats(); stats.Asked != 100 || stats.Shared != 99 || stats.Answered != 100 || stats.Requests != 1 {
			t.Errorf("%+v", stats)
		}
		c.Fetch(t.Context(), somewhere)
		if s.times() != 2 {
			t.Error("what is over is shared too")
		}
	})
}

func TestOtherQuestionsAreAskedThemselves(t *testing.T) {
	bubbled(t, Config{}, func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }, func(t *testing.T, c *Client, s *service) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan Result, 5)
		for i, q := range []Query{somewhere, somewhere, somewhere, somewhere, somewhere} {
			switch i {
			case 1:
				q.Limit++
			case 2:
				q.Radius += ".0"
			case 3:
				q.Words = "w"
			case 4:
				q.Latitude = "+34.06893"
			}
			c.Ask(ctx, q, func(r Result) { ended <- r })
		}
		synctest.Wait()
		if s.times() != 5 {
			t.Errorf("asked %d times", s.times())
		}
		cancel()
		for range cap(ended) {
			<-ended
		}
	})
}

func TestWhoLeavesDoesNotCancelTheOthers(t *testing.T) {
	var let chan struct{} // made in the bubble, which knows its own channels only
	var gone bool
	bubbled(t, Config{}, func(_ int, r *http.Request) (*http.Response, error) {
		select {
		case <-let:
			return well()
		case <-r.Context().Done():
			gone = true
			return nil, r.Context().Err()
		}
	}, func(t *testing.T, c *Client, s *service) {
		let = make(chan struct{})
		results := map[string]chan Result{"first": make(chan Result, 1), "second": make(chan Result, 1)}
		leave := make(map[string]context.CancelFunc)
		ask := func(who string) {
			ctx, cancel := context.WithCancel(t.Context())
			leave[who] = cancel
			c.Ask(ctx, somewhere, func(r Result) { results[who] <- r })
			synctest.Wait()
		}
		ask("first")
		ask("second")
		leave["first"]()
		if got := <-results["first"]; !errors.Is(got.Err, ErrWithdrawn) {
			t.Errorf("who left got %s, %v", got.Line, got.Err)
		}
		synctest.Wait()
		if gone {
			t.Fatal("the request was cancelled with one who waits")
		}
		let <- struct{}{}
		if got := <-results["second"]; got.Err != nil {
			t.Errorf("who stayed got %s, %v", got.Line, got.Err)
		}
		// Now both leave.
		ask("first")
		ask("second")
		leave["first"]()
		leave["second"]()
		synctest.Wait()
		if !gone {
			t.Error("the request goes on though nobody waits")
		}
		if stats := c.Stats(); s.times() != 2 || stats.Withdrawn != 3 {
			t.Errorf("asked %d times, %+v", s.times(), stats)
		}
	})
}

// TestWhoJoinsLate shares the outcome of a question that gets no answer, and does not keep it alive.
func TestWhoJoinsLate(t *testing.T) {
	bubbled(t, Config{Timeout: 5 * time.Second}, func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }, func(t *testing.T, c *Client, _ *service) {
		results := make(chan Result, 2)
		began := time.Now()
		c.Ask(t.Context(), somewhere, func(r Result) { results <- r })
		time.Sleep(4 * time.Second)
		c.Ask(t.Context(), somewhere, func(r Result) { results <- r })
		for range 2 {
			if got := <-results; !errors.Is(got.Err, ErrTimeout) || time.Since(began) != 5*time.Second {
				t.Errorf("after %v: %v", time.Since(began), got.Err)
			}
		}
	})
}

func TestOnlySoManyAreAskedAtOnce(t *testing.T) {
	bubbled(t, Config{Connections: 2, Timeout: 10 * time.Second, AttemptTimeout: 10 * time.Second}, func(_ int, r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(4 * time.Second):
			return well()
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}, func(t *testing.T, c *Client, s *service) {
		results := make(chan Result, 6)
		began := time.Now()
		for i := range cap(results) {
			q := somewhere
			q.Words = fmt.Sprint(i)
			c.Ask(t.Context(), q, func(r Result) { results <- r })
		}
		answered := 0
		for range cap(results) {
			if got := <-results; got.Err == nil {
				answered++
			} else if !errors.Is(got.Err, ErrTimeout) || time.Since(began) != 10*time.Second {
				t.Errorf("after %v: %v", time.Since(began), got.Err)
			}
		}
		// Two at 4 s and two at 8 s; the last two begin, and run out of time.
		if answered != 4 || s.asked[2].Sub(began) != 4*time.Second || s.asked[4].Sub(began) != 8*time.Second {
			t.Errorf("%d answered, asked at %v", answered, s.asked)
		}
	})
}

func TestTheCache(t *testing.T) {
	bubbled(t, Config{Cache: time.Minute}, func(n int, _ *http.Request) (*http.Response, error) {
		if n == 1 {
			return said(403, `{"error":"no"}`)
		}
		return said(200, fmt.Sprintf(`{"n":%d}`, n))
	}, func(t *testing.T, c *Client, s *service) {
		expect := func(line string) {
			t.Helper()
			got := c.Fetch(t.Context(), somewhere)
			if string(got.Line) != line {
				t.Errorf("%s, want %s", got.Line, line)
			}
			got.Line[0] = 'X' // it is ours
		}
		expect(`{"error":"no"}`) // and is not kept
		expect(`{"n":2}`)
		expect(`{"n":2}`)
		time.Sleep(time.Minute - 1)
		expect(`{"n":2}`)
		time.Sleep(time.Nanosecond)
		expect(`{"n":3}`)
		if stats := c.Stats(); stats.Cached != 2 || stats.Answered != 4 || s.times() != 3 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestWithoutACacheNothingIsKept(t *testing.T) {
	bubbled(t, Config{}, func(int, *http.Request) (*http.Response, error) { return well() }, func(t *testing.T, c *Client, s *service) {
		c.Fetch(t.Context(), somewhere)
		c.Fetch(t.Context(), somewhere)
		if s.times() != 2 || c.cache.answers != nil {
			t.Errorf("asked %d times", s.times())
		}
	})
}

func TestTheCacheIsBounded(t *testing.T) {
	c := cache{keep: time.Hour}
	now := time.Unix(0, 0)
	number := func(i int) Query { return Query{Limit: i} }
	for i := range maxCached + 10 {
		c.put(number(i), Result{Line: []byte("{}")}, now)
	}
	oldest, _ := c.get(number(9), now)
	next, _ := c.get(number(10), now)
	if len(c.answers) != maxCached || len(c.order) != maxCached || c.bytes != 2*maxCached || oldest != nil || next == nil {
		t.Errorf("%d answers, %d bytes, %q, %q", len(c.answers), c.bytes, oldest, next)
	}
	large := []byte(strings.Repeat("1", maxCachedBytes/2))
	for i := range 3 {
		c.put(number(-1-i), Result{Line: large}, now)
	}
	c.put(number(-9), Result{Line: make([]byte, maxCachedBytes+1)}, now)
	if len(c.answers) != 2 || c.bytes != maxCachedBytes {
		t.Errorf("%d answers, %d bytes", len(c.answers), c.bytes)
	}
	if line, _ := c.get(number(-1), now.Add(time.Hour)); line != nil || len(c.answers) != 0 || len(c.order) != 0 || c.bytes != 0 {
		t.Errorf("after its time: %d answers, %d bytes", len(c.answers), c.bytes)
	}
}

func TestClose(t *testing.T) {
	bubbled(t, Config{}, func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }, func(t *testing.T, c *Client, s *service) {
		results := make(chan Result, 2)
		c.Ask(t.Context(), somewhere, func(r Result) { results <- r })
		synctest.Wait()
		c.Close()
		c.Ask(t.Context(), somewhere, func(r Result) { results <- r })
		for range cap(results) {
			if got := <-results; !errors.Is(got.Err, ErrWithdrawn) {
				t.Errorf("%s, %v", got.Line, got.Err)
			}
		}
		if s.times() != 1 {
			t.Errorf("asked %d times", s.times())
		}
	})
}

// panicking is a Twitter with a mistake in it.
type panicking struct{ Twitter }

func (panicking) ErrorText([]byte) string { panic("a mistake") }

func TestAPanicIsAnAnswerToo(t *testing.T) {
	bubbled(t, Config{Kind: panicking{}}, func(int, *http.Request) (*http.Response, error) { return well() }, func(t *testing.T, c *Client, _ *service) {
		got := c.Fetch(t.Context(), somewhere)
		if !errors.Is(got.Err, ErrBroken) || !strings.Contains(got.Err.Error(), "a mistake") || !strings.Contains(got.Err.Error(), "panicking") {
			t.Errorf("%v", got.Err)
		}
		if string(got.Line) != `{"error":"The question to twitter could not be asked."}` || c.Stats().Broken != 1 {
			t.Errorf("%s, %+v", got.Line, c.Stats())
		}
	})
}

func TestWhatCannotBeAskedIsNot(t *testing.T) {
	bubbled(t, Config{Kind: Wikipedia{}}, func(int, *http.Request) (*http.Response, error) { return well() }, func(t *testing.T, c *Client, s *service) {
		got := c.Fetch(t.Context(), Query{Words: "snow"})
		if !errors.Is(got.Err, ErrCannotAsk) || string(got.Line) != `{"error":{"code":"unavailable","info":"This cannot be asked of wikipedia."}}` || s.times() != 0 {
			t.Errorf("%s, %v", got.Line, got.Err)
		}
	})
}

// TestAnAnswerIn2012 goes the whole way, errors too.
func TestAnAnswerIn2012(t *testing.T) {
	answers := []struct {
		status     int
		body, line string
		err        error
	}{
		{200, `{ "data": [ {"id":"5","text":"a"}, {"id":"4","text":"b"} ], "meta": {"newest_id":"5"} }`,
			`{"max_id":5,"max_id_str":"5","page":1,"query":"","results":[{"geo":null,"id":5,"id_str":"5","metadata":{"result_type":"recent"},"text":"a","to_user":null,"to_user_id":0,"to_user_id_str":"0","to_user_name":null}],"results_per_page":1,"since_id":0,"since_id_str":"0"}`, nil},
		{403, `{"title":"Forbidden","detail":"not with this tier"}`, `{"error":"not with this tier"}`, ErrRefused},
		{401, `{}`, `{"error":"x answered 401 Unauthorized"}`, ErrRefused},
		{200, `{"data":[{"id":7}]}`, `{"error":"x's answer was not JSON"}`, ErrNotJSON},
	}
	bubbled(t, Config{Kind: X2012{}, Key: newKey(t, "k")}, func(n int, _ *http.Request) (*http.Response, error) {
		return said(answers[n-1].status, answers[n-1].body)
	}, func(t *testing.T, c *Client, _ *service) {
		for _, answer := range answers {
			if got := c.Fetch(t.Context(), near("1", 1)); string(got.Line) != answer.line || !errors.Is(got.Err, answer.err) {
				t.Errorf("%s, %v", got.Line, got.Err)
			}
		}
	})
}
