package herd

import (
	"errors"
	"fmt"
)

// refusal returns the line that tells the other end why its handshake failed:
//
//	REFUSED <reason>
//
// so that both logs show it. Who does not even speak the protocol is told
// nothing: the line is nil.
func refusal(err error) []byte {
	if errors.Is(err, ErrNotHello) || errors.Is(err, ErrNotProve) {
		return nil
	}
	return fmt.Appendf(nil, "REFUSED %s\n", Reason(err))
}

// refused returns an error that wraps ErrRefused if line is what refusal makes.
// The reason it quotes is a hint from an end that has proved nothing.
func refused(line []byte) error {
	fields := splitFields(line)
	if len(fields) == 0 || fields[0] != "REFUSED" {
		return nil
	}
	return fmt.Errorf("%w: it said %s", ErrRefused, quote(line))
}
