package reactor

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Logger takes what a reactor, a factory or a protocol has to say. prefix names
// who speaks, as twisted/internet/interfaces.py:1549 logPrefix does.
type Logger interface {
	// Msg notes something that happened.
	Msg(prefix, message string)
	// Err notes an error that nobody else will hear of. why says what was being
	// done, and may be empty.
	Err(prefix string, err error, why string)
}

// DiscardLog is a Logger that drops everything.
var DiscardLog Logger = discardLog{}

type discardLog struct{}

func (discardLog) Msg(string, string)        {}
func (discardLog) Err(string, error, string) {}

// ErrorLog returns a Logger that writes errors to w, each with the time, and a
// panic with its stack, and drops the rest: what Twisted does with errors before
// anybody calls startLogging. It is for as many goroutines as w is; what w cannot
// take is lost.
func ErrorLog(w io.Writer) Logger { return errorLog{w} }

type errorLog struct{ w io.Writer }

func (errorLog) Msg(string, string) {}

func (l errorLog) Err(prefix string, err error, why string) {
	if why == "" {
		why = "error"
	}
	text := fmt.Appendf(nil, "%s [%s] %s: %v\n", time.Now().Format("2006-01-02 15:04:05Z0700"), prefix, why, err)
	if panicked := (*PanicError)(nil); errors.As(err, &panicked) {
		text = append(text, panicked.Stack...)
	}
	_, _ = l.w.Write(text) // there is nowhere else to tell
}
