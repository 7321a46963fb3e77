package protocols

import (
	"errors"
	"fmt"

	"proxyherd/reactor"
)

// DefaultMaxLineLength is the longest line, in bytes, where a receiver's
// MaxLength is not set.
const DefaultMaxLineLength = 16384

var crlf = []byte("\r\n")

// ErrNotImplemented is a callback that came due and that the protocol does not
// have. The text around it names both.
var ErrNotImplemented = errors.New("protocols: the protocol lacks a method that it needs")

// LineProtocol is what a type that embeds LineReceiver or LineOnlyReceiver is
// once it has LineReceived.
type LineProtocol interface {
	reactor.Protocol

	// LineReceived gets each line without its delimiter. line is a view, good
	// until the call returns. An error ends the connection.
	LineReceived(line []byte) error

	// LineLengthExceeded gets what was too long, instead of LineReceived. Each
	// base has one, to be overridden.
	LineLengthExceeded(line []byte) error
}

// RawDataProtocol is a LineProtocol that uses raw mode.
type RawDataProtocol interface {
	// RawDataReceived gets what came in raw mode, never nothing. data is a
	// view, good until the call returns. An error ends the connection.
	RawDataReceived(data []byte) error
}

// LineReceiver cuts the stream into lines, and hands it over uncut in raw mode:
// twisted/protocols/basic.py:508 LineReceiver. The outer type has
// LineReceived, and RawDataReceived if it uses raw mode. The zero value is
// ready for use.
//
// Everything may be called from within the callbacks. A DataReceived there
// queues its bytes; SetRawMode, SetLineMode, PauseProducing and a new
// Delimiter count from the next byte on. After LoseConnection no further line
// of the chunk is delivered.
//
// Delivering a line that lies whole in its chunk neither copies nor allocates,
// and a chunk costs time in proportion to its length (Twisted's is quadratic
// in the number of lines). Between chunks only an unfinished line is held; it is
// searched again when more of it comes.
type LineReceiver struct {
	Protocol
	pauseable[LineProtocol]

	// Delimiter ends a line; empty means CR LF. A server that accepts LF and
	// CR LF sets LF and trims the CR.
	Delimiter []byte
	// MaxLength is the longest line, in bytes without the delimiter; not
	// positive means DefaultMaxLineLength. Of a line still without its end,
	// what has come of the delimiter counts too.
	MaxLength int

	in  input
	raw bool
}

// MakeConnection keeps self and the transport, then calls self.ConnectionMade.
// It panics if self has no LineReceived.
func (r *LineReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	r.bind(self, lineReceivedMethod)
	r.Protocol.MakeConnection(self, transport)
}

const lineReceivedMethod = "LineReceived(line []byte) error"

// DataReceived delivers what data completes: twisted/protocols/basic.py:542.
// Its error is a callback's. While paused it only keeps data, of any length.
func (r *LineReceiver) DataReceived(self reactor.Protocol, data []byte) error {
	if r.busy {
		r.in.add(data)
		return nil
	}
	if r.self == nil {
		r.bind(self, lineReceivedMethod)
	}
	r.busy = true
	r.in.begin(data)
	defer r.settle() // after a panic too
	for !r.paused && r.in.len() > 0 {
		if goOn, err := r.deliver(); err != nil || !goOn {
			return err
		}
	}
	return nil
}

func (r *LineReceiver) settle() {
	r.in.end()
	r.busy = false
}

// deliver hands the next piece to self. goOn is false if the rest has to wait
// for the next DataReceived.
func (r *LineReceiver) deliver() (goOn bool, err error) {
	if r.raw {
		return r.deliverRaw()
	}
	delimiter := delimiterOr(r.Delimiter)
	length, longest := r.in.index(delimiter), maxLengthOr(r.MaxLength)
	switch {
	case length > longest, length < 0 && r.in.len() > longest:
		return false, r.self.LineLengthExceeded(r.in.takeAll())
	case length < 0:
		return false, nil
	}
	line := r.in.first(length)
	r.in.drop(length + len(delimiter))
	if err := r.self.LineReceived(line); err != nil {
		return false, err
	}
	// Looked at after the line and not before, as in Twisted: a transport that
	// is disconnecting calls DataReceived no more.
	return r.Transport == nil || !r.Transport.Disconnecting(), nil
}

func (r *LineReceiver) deliverRaw() (goOn bool, err error) {
	raw, ok := r.self.(RawDataProtocol)
	if !ok {
		return false, fmt.Errorf("%w: %T is in raw mode without RawDataReceived(data []byte) error", ErrNotImplemented, r.self)
	}
	err = raw.RawDataReceived(r.in.takeAll())
	return err == nil, err
}

// LineLengthExceeded loses the connection: twisted/protocols/basic.py:638. An
// override gets everything there is, from the start of the line that is too
// long and with what followed it, delimiters included; none of it is buffered
// any more. Nothing further is delivered before the next DataReceived, not
// even what an override puts back.
func (r *LineReceiver) LineLengthExceeded([]byte) error {
	r.Transport.LoseConnection()
	return nil
}

// SetLineMode leaves raw mode: twisted/protocols/basic.py:585. extra is what
// RawDataReceived got and was not meant for it, as a rule the tail of its
// data; its lines come first. Within a callback they are delivered after it,
// and the result is nil; else before SetLineMode returns, with the error of
// that.
func (r *LineReceiver) SetLineMode(extra []byte) error {
	r.raw = false
	if len(extra) == 0 || r.busy && r.in.giveBack(extra) {
		return nil
	}
	return r.self.DataReceived(r.self, extra)
}

// SetRawMode hands everything from the next byte on to RawDataReceived:
// twisted/protocols/basic.py:602.
func (r *LineReceiver) SetRawMode() { r.raw = true }

// ClearLineBuffer takes out what has been received and not delivered:
// twisted/protocols/basic.py:531. Within a callback, where it is everything
// after the current line, the result is a view, good until the callback
// returns; else it is the caller's.
func (r *LineReceiver) ClearLineBuffer() []byte {
	all := r.in.takeAll()
	if !r.busy {
		r.in.end()
	}
	return all
}

// SendLine writes line and the delimiter with one Write:
// twisted/protocols/basic.py:628. line is the caller's again afterwards; its
// length and what is in it are not checked.
func (r *LineReceiver) SendLine(line []byte) {
	writeJoined(r.Transport, line, delimiterOr(r.Delimiter))
}

// delimiterOr is a receiver's delimiter, or CR LF where none is set.
func delimiterOr(delimiter []byte) []byte {
	if len(delimiter) == 0 {
		return crlf
	}
	return delimiter
}

// maxLengthOr is a receiver's MaxLength, or the default where none is set.
func maxLengthOr(length int) int {
	if length <= 0 {
		return DefaultMaxLineLength
	}
	return length
}
