package scenario

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// numbering answers with the number of the question.
func numbering() http.Handler {
	asked := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s, question %d", r.URL.RawQuery, asked)
	})
}

// Each question is put once to the one whose answers are replayed, and all of its answer
// comes again, after the delay each time, however the question is cut. The connection ends
// where who asks wants it to.
func TestAnswersAreReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 300 * time.Millisecond
		replay := newReplay(numbering(), delay)
		var conn net.Conn
		var in *bufio.Reader
		ended := make(chan error)
		dial := func() {
			near, far := net.Pipe()
			conn, in = near, bufio.NewReader(near)
			go func() { ended <- replay.talk(t.Context(), far) }()
		}
		dial()
		for _, question := range []struct {
			version, header, want string
			last                  bool
		}{
			{"1.1", "", "q=1, question 1", false},
			{"1.1", "", "q=2, question 2", false},
			{"1.1", "", "q=1, question 1", false},
			{"1.1", "Connection: close\r\n", "q=1, question 3", true},
			{"1.1", "Connection: close\r\n", "q=1, question 3", true},
			{"1.0", "", "q=2, question 4", true},
			{"1.0", "", "q=2, question 4", true},
		} {
			text := fmt.Sprintf("GET /search.json?%s HTTP/%s\r\nHost: upstream\r\n%s\r\n", question.want[:len("q=1")], question.version, question.header)
			for _, part := range []string{text[:9], text[9 : len(text)-1], text[len(text)-1:]} {
				if _, err := io.WriteString(conn, part); err != nil {
					t.Fatal(err)
				}
			}
			asked := time.Now()
			response, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if err != nil || string(body) != question.want || response.StatusCode != http.StatusTeapot || response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%+v: %v %q, %v", question, response, body, err)
			}
			if took := time.Since(asked); took != delay {
				t.Errorf("%+v: it took %v", question, took)
			}
			if question.last {
				if err := <-ended; err != nil {
					t.Errorf("%+v: %v", question, err)
				}
				dial()
			}
		}
		conn.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// What is no question, or has a body, ends the connection.
func TestWhatIsNotReplayed(t *testing.T) {
	for text, want := range map[string]error{
		"hello\r\n\r\n": nil, "POST / HTTP/1.1\r\nHost: upstream\r\nContent-Length: 2\r\n\r\nno": errHasBody,
		"GET / HTTP/1.1\r\nHost: " + strings.Repeat("x", maxHead): bufio.ErrTooLong,
	} {
		near, far := net.Pipe()
		go func() {
			_, _ = io.WriteString(near, text) // it need not be read to its end
			near.Close()
		}()
		replay := newReplay(numbering(), 0)
		if err := replay.talk(t.Context(), far); err == nil || want != nil && !errors.Is(err, want) || len(replay.answers) > 0 {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

// A client of HTTP is answered over real sockets, and nothing is left at the end, however
// long an answer would take.
func TestAReplayIsServed(t *testing.T) {
	for _, delay := range []time.Duration{time.Millisecond, time.Hour} {
		url, end, err := serveReplay(numbering(), delay)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{}}
		get := func() error {
			response, err := client.Get(url + "/search.json?q=1")
			if err != nil {
				return err
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || string(body) != "q=1, question 1" {
				return fmt.Errorf("%v, %q, %w", response, body, err)
			}
			return nil
		}
		if delay < time.Second {
			for range 3 {
				if err := get(); err != nil {
					t.Error(err)
				}
			}
			end()
			continue
		}
		got := make(chan error)
		go func() { got <- get() }()
		end()
		if err := <-got; err == nil {
			t.Error("it has answered")
		}
	}
}
