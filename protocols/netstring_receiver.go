package protocols

import (
	"errors"
	"strconv"

	"proxyherd/reactor"
)

// errNetstring is a stream that is not made of netstrings.
var errNetstring = errors.New("protocols: not a netstring")

// NetstringReceiver cuts the stream into netstrings, "5:hello,":
// twisted/protocols/basic.py:57 NetstringReceiver. The outer type has
// StringReceived. The zero value is ready for use.
//
// A string is refused as soon as its prefix shows that it is malformed or
// longer than MaxLength: the connection is lost, and what follows never
// delivered. As in Twisted, strings of the same chunk that follow one whose
// callback called LoseConnection still are; an error from the callback stops
// them. Unlike Twisted's it may be called from within its callback: what comes
// then queues up.
type NetstringReceiver struct {
	Protocol
	outer[StringProtocol]

	// MaxLength is the longest string received, in bytes; not positive means
	// DefaultMaxStringLength. A prefix that is whole has been accepted: a new
	// limit is for the strings after it. It does not bound what is sent.
	MaxLength int
	// BrokenPeer says that the peer sent what is not a netstring.
	BrokenPeer bool

	in input
	// The string under way, once its prefix is whole: the prefix with its colon,
	// and all of it with the comma, in bytes. 0 before that.
	prefixSize, size int
}

// MakeConnection keeps self and the transport, forgets what an earlier
// connection left behind, then calls self.ConnectionMade:
// twisted/protocols/basic.py:139. It panics if self has no StringReceived.
func (r *NetstringReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	r.bind(self, stringReceivedMethod)
	r.in, r.prefixSize, r.size, r.BrokenPeer = input{}, 0, 0, false
	r.Protocol.MakeConnection(self, transport)
}

// SendString writes s as a netstring with one Write:
// twisted/protocols/basic.py:152.
func (r *NetstringReceiver) SendString(s []byte) {
	var digits [20]byte
	prefix := append(strconv.AppendInt(digits[:0], int64(len(s)), 10), ':')
	writeJoined(r.Transport, prefix, s, comma)
}

var comma = []byte{','}

// DataReceived delivers the strings that data completes:
// twisted/protocols/basic.py:166. Its error is the callback's; a malformed
// string is none, it loses the connection.
func (r *NetstringReceiver) DataReceived(self reactor.Protocol, data []byte) error {
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
	for r.in.len() > 0 {
		s, whole, err := r.next()
		if err != nil {
			r.BrokenPeer = true
			r.Transport.LoseConnection()
			return nil
		}
		if !whole {
			return nil
		}
		if err := r.self.StringReceived(s); err != nil {
			return err
		}
	}
	return nil
}

func (r *NetstringReceiver) settle() {
	r.in.end()
	r.busy = false
}

// next uses up the next string. It stays buffered until it is whole, and what
// its prefix says is read once, as the limit holds at that moment.
func (r *NetstringReceiver) next() (s []byte, whole bool, err error) {
	if r.size == 0 {
		length, digits, err := r.prefix()
		if err != nil || digits == 0 {
			return nil, false, err
		}
		r.prefixSize = digits + 1
		r.size = r.prefixSize + length + 1
	}
	if r.in.len() < r.size {
		return nil, false, nil
	}
	netstring := r.in.first(r.size)
	if netstring[r.size-1] != ',' {
		return nil, false, errNetstring
	}
	s = netstring[r.prefixSize : r.size-1 : r.size-1]
	r.in.drop(r.size)
	r.prefixSize, r.size = 0, 0
	return s, true, nil
}

// prefix reads the length before the colon. digits is 0 while it is incomplete.
func (r *NetstringReceiver) prefix() (length, digits int, err error) {
	longest := maxStringLengthOr(r.MaxLength)
	for available := r.in.len(); digits < available; digits++ {
		c := r.in.first(digits + 1)[digits]
		switch {
		case c == ':' && digits > 0:
			return length, digits, nil
		case c < '0' || c > '9', digits > 0 && length == 0: // a leading zero
			return 0, 0, errNetstring
		}
		digit := int(c - '0')
		if digit > longest || length > (longest-digit)/10 {
			return 0, 0, errNetstring
		}
		length = length*10 + digit
	}
	return 0, 0, nil
}
