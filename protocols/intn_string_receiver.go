package protocols

import (
	"encoding/binary"
	"errors"
	"fmt"

	"proxyherd/reactor"
)

// ErrStringTooLong is a string whose length its prefix cannot hold:
// twisted/protocols/basic.py:652 StringTooLongError.
var ErrStringTooLong = errors.New("protocols: the string is too long for its prefix")

// limitedStringProtocol is a StringProtocol on an IntNStringReceiver.
type limitedStringProtocol interface {
	StringProtocol
	LengthLimitExceeded(length int) error
}

// IntNStringReceiver cuts the stream into strings that have their length in
// front, big-endian: twisted/protocols/basic.py:681 IntNStringReceiver. The
// outer type has StringReceived. Embed Int32StringReceiver and its sisters, or
// this for another PrefixLength. The zero value is ready for use.
//
// As in Twisted, strings of the same chunk that follow one whose callback
// called LoseConnection are still delivered; an error from the callback stops
// them. Two of Twisted's faults are left behind. After LengthLimitExceeded
// what stays buffered begins at the prefix that was refused, not at the start
// of the chunk, so that nothing is delivered twice. And DataReceived may be
// called from within the callback: it queues, and does not parse the same
// string over again.
type IntNStringReceiver struct {
	Protocol
	pauseable[limitedStringProtocol]

	// MaxLength is the longest string received, in bytes; not positive means
	// DefaultMaxStringLength. It does not bound what is sent.
	MaxLength int
	// PrefixLength is how many bytes hold the length, 1 to 4; 0 means 4.
	PrefixLength int

	in input
}

// Int32StringReceiver has a prefix of four bytes:
// twisted/protocols/basic.py:802.
type Int32StringReceiver struct{ IntNStringReceiver }

// Int16StringReceiver has a prefix of two bytes, for strings of up to 65,535:
// twisted/protocols/basic.py:816.
type Int16StringReceiver struct{ IntNStringReceiver }

// Int8StringReceiver has a prefix of one byte, for strings of up to 255:
// twisted/protocols/basic.py:830.
type Int8StringReceiver struct{ IntNStringReceiver }

// MakeConnection is IntNStringReceiver's with a prefix of four bytes.
func (r *Int32StringReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	r.PrefixLength = 4
	r.IntNStringReceiver.MakeConnection(self, transport)
}

// MakeConnection is IntNStringReceiver's with a prefix of two bytes.
func (r *Int16StringReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	r.PrefixLength = 2
	r.IntNStringReceiver.MakeConnection(self, transport)
}

// MakeConnection is IntNStringReceiver's with a prefix of one byte.
func (r *Int8StringReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	r.PrefixLength = 1
	r.IntNStringReceiver.MakeConnection(self, transport)
}

// MakeConnection keeps self and the transport, then calls self.ConnectionMade.
// It panics if self has no StringReceived, or PrefixLength is out of range.
func (r *IntNStringReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	if r.PrefixLength < 0 || r.PrefixLength > 4 {
		panic(fmt.Sprintf("protocols: %T has a PrefixLength of %d: use 1 to 4, or 0 for 4", self, r.PrefixLength))
	}
	r.bind(self, stringReceivedMethod)
	r.Protocol.MakeConnection(self, transport)
}

// DataReceived delivers the strings that data completes:
// twisted/protocols/basic.py:735. Its error is a callback's. While paused it
// only keeps data, of any length.
func (r *IntNStringReceiver) DataReceived(self reactor.Protocol, data []byte) error {
	if r.busy {
		r.in.add(data)
		return nil
	}
	if r.self == nil {
		r.bind(self, stringReceivedMethod)
	}
	r.busy = true
	r.in.begin(data)
	defer r.settle() // after a panic too
	prefix := r.prefixLength()
	for !r.paused && r.in.len() >= prefix {
		length := decodeLength(r.in.first(prefix))
		if length > maxStringLengthOr(r.MaxLength) {
			return r.self.LengthLimitExceeded(length)
		}
		if r.in.len() < prefix+length {
			return nil
		}
		framed := r.in.first(prefix + length)
		r.in.drop(prefix + length)
		if err := r.self.StringReceived(framed[prefix:]); err != nil {
			return err
		}
	}
	return nil
}

func (r *IntNStringReceiver) settle() {
	r.in.end()
	r.busy = false
}

// LengthLimitExceeded loses the connection: twisted/protocols/basic.py:723. An
// override gets the length that was announced. The string is not delivered,
// even if it is all there; it stays buffered, and is refused again with the
// next chunk if the override let the connection live.
func (r *IntNStringReceiver) LengthLimitExceeded(int) error {
	r.Transport.LoseConnection()
	return nil
}

// SendString writes the prefix and s with one Write:
// twisted/protocols/basic.py:785. It writes nothing and returns an
// ErrStringTooLong if the prefix cannot hold the length.
func (r *IntNStringReceiver) SendString(s []byte) error {
	prefix := r.prefixLength()
	if most := 1<<(8*prefix) - 1; len(s) > most {
		return fmt.Errorf("%w: sending %d bytes where a prefix of %d counts to %d", ErrStringTooLong, len(s), prefix, most)
	}
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(s)))
	writeJoined(r.Transport, length[4-prefix:], s)
	return nil
}

func (r *IntNStringReceiver) prefixLength() int {
	if r.PrefixLength == 0 {
		return 4
	}
	return r.PrefixLength
}

func decodeLength(prefix []byte) (length int) {
	for _, b := range prefix {
		length = length<<8 | int(b)
	}
	return length
}
