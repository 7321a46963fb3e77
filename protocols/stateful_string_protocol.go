package protocols

import (
	"fmt"

	"proxyherd/reactor"
)

// The states that StatefulStringProtocol knows itself.
const (
	InitState = "init"
	DoneState = "done"
)

// StatefulStringProtocol is a mixin for a conversation whose every string takes
// it from one state to another: twisted/protocols/basic.py:844
// StatefulStringProtocol. Embedded beside a string receiver it is that
// receiver's StringReceived. Fill in Proto, and Done as a rule with the
// transport's LoseConnection, in ConnectionMade.
type StatefulStringProtocol struct {
	// State is where the conversation is; "" means InitState.
	State string
	// Proto is what takes a string in each state and names the state that
	// follows: Twisted's methods proto_init and so on. An error ends the
	// connection and leaves the state as it was.
	Proto map[string]func(s []byte) (state string, err error)
	// Done is called when the state becomes DoneState.
	Done func()
	// Log hears of a string that came in a state without a Proto. That is all
	// that happens then. May be nil.
	Log reactor.Logger
}

// StringReceived passes s to the Proto of the state:
// twisted/protocols/basic.py:861. A Proto that names no state is a fault of
// the program and returned as an error (in Twisted the next string raises a
// TypeError).
func (p *StatefulStringProtocol) StringReceived(s []byte) error {
	if p.State == "" {
		p.State = InitState
	}
	proto, ok := p.Proto[p.State]
	if !ok {
		if p.Log != nil {
			p.Log.Msg(LogPrefix(p), fmt.Sprintf("callback %s not found", p.State))
		}
		return nil
	}
	state, err := proto(s)
	if err != nil {
		return err
	}
	if state == "" {
		return fmt.Errorf("protocols: the Proto of state %q named no state to follow", p.State)
	}
	p.State = state
	if state == DoneState {
		p.Done()
	}
	return nil
}
