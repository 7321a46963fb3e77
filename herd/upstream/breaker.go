package upstream

import (
	"errors"
	"net/http"
	"time"

	"github.com/sony/gobreaker/v2"
)

// When a service is left alone: after failuresToRest questions in a row that failed through its own fault, for restTime.
// Then one question is let through, and its outcome decides.
const (
	failuresToRest = 5
	restTime       = 10 * time.Second
)

// newBreaker makes a circuit breaker. What it judges is the outcome of a question, its second attempt included.
func newBreaker(name string) *gobreaker.CircuitBreaker[Result] {
	return gobreaker.NewCircuitBreaker[Result](gobreaker.Settings{
		Name:         name,
		MaxRequests:  1,
		Timeout:      restTime,
		ReadyToTrip:  func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= failuresToRest },
		IsSuccessful: func(err error) bool { return !isItsFault(err) },
		IsExcluded:   saysNothing,
	})
}

// isItsFault tells the failures that a service in good order does not have: no connection, none in time, one that is
// lost, and a status from 500 up. An error that it explains, or an answer of a form that we do not take, is none.
func isItsFault(err error) bool {
	if own := (*statusError)(nil); errors.As(err, &own) {
		return own.code >= http.StatusInternalServerError
	}
	return errors.Is(err, ErrUnreachable) || errors.Is(err, ErrCutOff) || errors.Is(err, ErrTimeout)
}

// saysNothing tells the outcomes that say nothing about the service's health.
func saysNothing(err error) bool {
	return errors.Is(err, ErrWithdrawn) || errors.Is(err, ErrLimited) || errors.Is(err, ErrCannotAsk)
}

// resting is the failure of a question that comes while the service is left alone.
func resting(name string) *failure {
	return fail(ErrResting, errResting, name+" has failed too often and is left alone for a while. Ask again in some seconds.")
}

var errResting = errors.New("the questions before failed")
