package main

import (
	"errors"
	"time"

	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// reactorLog writes what a reactor has to say into the server's log.
type reactorLog struct{ log *wirelog.Log }

// Msg implements reactor.Logger. Ports and factories that start and stop are for
// those who ask.
func (l reactorLog) Msg(prefix, message string) {
	l.log.Event(time.Now(), wirelog.Debug, message, wirelog.F("from", prefix))
}

// Err implements reactor.Logger. Of a panic the stack is kept too.
func (l reactorLog) Err(prefix string, err error, why string) {
	if why == "" {
		why = "an error that nobody took"
	}
	fields := []wirelog.Field{wirelog.F("from", prefix), wirelog.F("error", err)}
	if p, ok := errors.AsType[*reactor.PanicError](err); ok {
		fields = append(fields, wirelog.F("stack", p.Stack))
	}
	l.log.Event(time.Now(), wirelog.Error, why, fields...)
}
