package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// What can go wrong with a question, for errors.Is on Result.Err. ErrNotJSON is one of them too.
var (
	// ErrTimeout says that the deadline passed, wherever the question was by then.
	ErrTimeout = errors.New("the upstream did not answer in time")

	// ErrWithdrawn says that the context was cancelled: nobody waits for the answer any more.
	ErrWithdrawn = errors.New("the question was withdrawn")

	// ErrUnreachable says that no connection came about, that it was lost before an answer began, or that what came was
	// not HTTP.
	ErrUnreachable = errors.New("the upstream could not be reached")

	// ErrCutOff says that an answer began and did not come to its end.
	ErrCutOff = errors.New("the upstream's answer was cut off")

	// ErrTooLong says that an answer is longer than Config.MaxAnswer.
	ErrTooLong = errors.New("the upstream's answer is too long")

	// ErrRefused says that the upstream answered, and that its answer is an error: by its HTTP status (300 and up) or by
	// its text.
	ErrRefused = errors.New("the upstream answered with an error")

	// ErrLimited says that the upstream is asked too often: it said so in its answer (then the error is ErrRefused too),
	// or the pause that it asked for has not passed, and the question was not asked.
	ErrLimited = errors.New("the upstream is asked too often")

	// ErrResting says that the question was not asked, as too many before it failed through the upstream's fault.
	ErrResting = errors.New("the upstream is left alone for a while")

	// ErrBroken says that this program failed while it asked; the error holds the stack.
	ErrBroken = errors.New("this program failed while it asked the upstream")
)

// failure is an error with the sentence that a client of the herd gets to read. They differ: the error is for the log and
// says all there is to know; the sentence says what happened, with no address, key or text from outside in it.
type failure struct {
	error
	sentence string
}

func (f *failure) Unwrap() error { return f.error }

// fail makes a failure from a sentinel, its cause and the sentence. The cause may be wrapped in an
// url.Error, whose text has the whole URL in it, key and all: only what is inside goes on.
func fail(sentinel, cause error, sentence string) *failure {
	if wrapped := (*url.Error)(nil); errors.As(cause, &wrapped) {
		cause = wrapped.Err
	}
	return &failure{fmt.Errorf("%w: %w", sentinel, cause), sentence}
}

// failedToAsk decides what an error of the HTTP client means, before an answer has begun.
func failedToAsk(name string, err error) *failure {
	if errors.Is(err, ErrCannotAsk) {
		return &failure{err, "This cannot be asked of " + name + "."}
	}
	if f := interrupted(name, err); f != nil {
		return f
	}
	why := ""
	if errors.Is(err, syscall.ECONNREFUSED) {
		why = ": connection refused"
	} else if lookup := (*net.DNSError)(nil); errors.As(err, &lookup) {
		why = ": its host name is not known"
	}
	return fail(ErrUnreachable, err, name+" could not be reached"+why)
}

// failedToRead decides what an error means that came while the answer was being read.
func failedToRead(name string, err error) *failure {
	if f := interrupted(name, err); f != nil {
		return f
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fail(ErrCutOff, err, name+"'s answer was cut off")
	}
	return fail(ErrCutOff, err, name+"'s answer could not be read to its end")
}

// interrupted tells the errors that come from the question's own context, at any moment of it.
func interrupted(name string, err error) *failure {
	timeout := net.Error(nil)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fail(ErrTimeout, err, name+" did not answer in time")
	case errors.Is(err, context.Canceled):
		return fail(ErrWithdrawn, err, "the question to "+name+" was withdrawn")
	}
	return nil
}

// tooLong is the failure for an answer beyond the bound.
func tooLong(name string, limit int64) *failure {
	return fail(ErrTooLong, fmt.Errorf("more than %d bytes", limit), name+"'s answer is too long")
}

// notJSON decides what an answer means that is no JSON: with a status that says so already, the status is the failure
// (over capacity, with a page of HTML), else it is the text.
func notJSON(name string, response *http.Response, err error) *failure {
	if response.StatusCode >= http.StatusMultipleChoices {
		err := &statusError{response.StatusCode, status(response) + moved(response) + ", without JSON"}
		return fail(ErrRefused, err, name+" answered "+status(response))
	}
	return fail(ErrNotJSON, err, name+"'s answer was not JSON")
}

// refused is the failure for an answer that is JSON and an error; text is what it says, "" if it says nothing.
func refused(response *http.Response, text string) error {
	const longest = 200 // characters of text from outside that one line of the log may carry
	err := &statusError{response.StatusCode, status(response) + moved(response)}
	if text != "" {
		// Quoted, so that no text from outside can look like another line of the log.
		err.text = fmt.Sprintf("%s: %.*q", status(response), longest, text)
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

// statusError is what an answer with an error said, with its status for who must tell whose fault it is.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return e.text }

// broken is the failure for a panic.
func broken(name string, value any, stack []byte) *failure {
	return fail(ErrBroken, fmt.Errorf("panic: %v\n%s", value, stack), "The question to "+name+" could not be asked.")
}

// status is the code and its usual words: "503 Service Unavailable". The words are never those of the answer, which are
// anybody's text.
func status(response *http.Response) string {
	if words := http.StatusText(response.StatusCode); words != "" {
		return fmt.Sprintf("%d %s", response.StatusCode, words)
	}
	return fmt.Sprint(response.StatusCode)
}

// moved says where a redirect points to, for the log. Only scheme and host: the rest may hold a key.
func moved(response *http.Response) string {
	if target, err := response.Location(); err == nil {
		return fmt.Sprintf(" to %q, which is not followed; give the upstream's url its final address", target.Scheme+"://"+target.Host)
	}
	return ""
}
