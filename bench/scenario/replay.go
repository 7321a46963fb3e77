package scenario

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// replay is an upstream that answers each question as another did when it was asked first,
// always after the same delay. It has the generator's core, and making an answer would take
// more of that than handing it over.
type replay struct {
	from  http.Handler
	delay time.Duration

	mu      sync.Mutex
	answers map[string]*httptest.ResponseRecorder // by the question's URI
}

func newReplay(from http.Handler, delay time.Duration) *replay {
	return &replay{from: from, delay: delay, answers: map[string]*httptest.ResponseRecorder{}}
}

// ServeHTTP answers a GET.
func (p *replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	due := time.NewTimer(p.delay)
	defer due.Stop()
	answer := p.answer(r)
	select {
	case <-due.C:
	case <-r.Context().Done():
		return
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // who asked may be gone
}

func (p *replay) answer(r *http.Request) *httptest.ResponseRecorder {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := p.answers[r.RequestURI]
	if answer == nil {
		answer = httptest.NewRecorder()
		p.from.ServeHTTP(answer, r)
		p.answers[r.RequestURI] = answer
	}
	return answer
}
