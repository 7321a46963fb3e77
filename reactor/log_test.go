package reactor_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"proxyherd/reactor"
)

func TestErrorLogTellsOfErrorsAlone(t *testing.T) {
	var out bytes.Buffer
	log := reactor.ErrorLog(&out)
	log.Msg("port", "starting")
	if out.Len() > 0 {
		t.Errorf("it wrote %q of a message", &out)
	}
	log.Err("reactor", reactor.ErrUser, "closing the connection")
	log.Err("reactor", reactor.ErrUser, "")
	if got := out.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, " [reactor] closing the connection: "+reactor.ErrUser.Error()+"\n") ||
		!strings.Contains(got, " [reactor] error: ") {
		t.Errorf("it wrote %q", got)
	}
	out.Reset()
	func() {
		defer func() {
			log.Err("session", fmt.Errorf("in a callback: %w", reactor.Recovered(recover())), "closing the connection")
		}()
		panic("oops")
	}()
	if got := out.String(); !strings.Contains(got, "oops") || !strings.Contains(got, "TestErrorLogTellsOfErrorsAlone") {
		t.Errorf("of a panic it wrote %q", got)
	}
}
