package scenario

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// replay is an upstream that answers each question as another did when it was asked first,
// always after the same delay. It has the generator's core, whose load waits while it runs:
// so a question that was asked before is known by its text, which is not read, and its
// answer is a text that was made then.
type replay struct {
	from  http.Handler
	delay time.Duration

	mu      sync.Mutex
	answers map[string]answer // by the question's head, as it was sent
}

// answer is an answer as it is sent.
type answer struct {
	text []byte
	last bool // the connection ends with it
}

// maxHead is how long a question may be, in bytes.
const maxHead = 64 << 10

var errHasBody = errors.New("a question with a body cannot be replayed")

func newReplay(from http.Handler, delay time.Duration) *replay {
	return &replay{from: from, delay: delay, answers: map[string]answer{}}
}

// serveReplay serves a replay on a port of loopback, until end.
func serveReplay(from http.Handler, delay time.Duration) (url string, end func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	p := newReplay(from, delay)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			all.Go(func() { _ = p.talk(ctx, conn) }) // a server that gets no answer says so
		}
	})
	return "http://" + listener.Addr().String(), func() {
		cancel()
		_ = listener.Close() // nothing is lost with it
		all.Wait()
	}, nil
}

// talk answers one question after the other until the connection or ctx ends.
func (p *replay) talk(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	heads := bufio.NewScanner(conn)
	heads.Buffer(nil, maxHead)
	heads.Split(splitHeads)
	for heads.Scan() {
		due := time.After(p.delay)
		a, err := p.answer(heads.Bytes())
		if err != nil {
			return err
		}
		select {
		case <-due:
		case <-ctx.Done():
			return ctx.Err()
		}
		if _, err := conn.Write(a.text); err != nil || a.last {
			return err
		}
	}
	return heads.Err()
}

// splitHeads is a bufio.SplitFunc for heads: an empty line ends each, and is part of it.
func splitHeads(data []byte, _ bool) (advance int, head []byte, err error) {
	at := bytes.Index(data, headEnd)
	if at < 0 {
		return 0, nil, nil // more must come
	}
	advance = at + len(headEnd)
	return advance, data[:advance], nil
}

var headEnd = []byte("\r\n\r\n")

func (p *replay) answer(head []byte) (answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, known := p.answers[string(head)]
	if known {
		return a, nil
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		return a, err
	}
	if r.Body != http.NoBody {
		return a, fmt.Errorf("%w: %s %s", errHasBody, r.Method, r.URL)
	}
	recorder := httptest.NewRecorder()
	p.from.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request, response.ContentLength, response.Close = r, int64(recorder.Body.Len()), r.Close
	var text bytes.Buffer
	if err := response.Write(&text); err != nil {
		return a, err
	}
	a = answer{text: text.Bytes(), last: r.Close}
	p.answers[string(head)] = a
	return a, nil
}
