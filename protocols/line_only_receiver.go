package protocols

import (
	"bytes"
	"fmt"

	"proxyherd/reactor"
)

// ErrLineTooLong is what LineOnlyReceiver ends a connection with whose line is
// too long. It is a reactor.ErrConnectionLost.
var ErrLineTooLong = fmt.Errorf("protocols: line length exceeded: %w", reactor.ErrConnectionLost)

// LineOnlyReceiver cuts the stream into lines and can do nothing else:
// twisted/protocols/basic.py:421 LineOnlyReceiver. The outer type has
// LineReceived. The zero value is ready for use.
//
// It cannot be paused and must not be called from within its callbacks. What
// ends delivery (LoseConnection, an error, a line that is too long) drops the
// chunk's other lines; the unfinished last one stays. Unlike Twisted's it does
// not ignore what LineReceived returns: an error ends the connection.
type LineOnlyReceiver struct {
	Protocol
	outer[LineProtocol]

	// Delimiter ends a line; empty means CR LF.
	Delimiter []byte
	// MaxLength is the longest line, in bytes without the delimiter; not
	// positive means DefaultMaxLineLength.
	MaxLength int

	rest []byte // the unfinished line; a copy
}

// MakeConnection keeps self and the transport, then calls self.ConnectionMade.
// It panics if self has no LineReceived.
func (r *LineOnlyReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	r.bind(self, lineReceivedMethod)
	r.Protocol.MakeConnection(self, transport)
}

// DataReceived delivers the lines that data completes:
// twisted/protocols/basic.py:438. Its error is a callback's.
func (r *LineOnlyReceiver) DataReceived(self reactor.Protocol, data []byte) error {
	if r.self == nil {
		r.bind(self, lineReceivedMethod)
	}
	lines := r.keepRest(data)
	delimiter := delimiterOr(r.Delimiter) // the chunk is cut by it, whatever a callback sets
	for len(lines) > 0 {
		if r.Transport != nil && r.Transport.Disconnecting() {
			return nil
		}
		line, after, _ := bytes.Cut(lines, delimiter)
		lines = after
		if len(line) > maxLengthOr(r.MaxLength) { // read anew: a callback may set it
			return r.self.LineLengthExceeded(line)
		}
		if err := r.self.LineReceived(line[:len(line):len(line)]); err != nil {
			return err
		}
	}
	if len(r.rest) > maxLengthOr(r.MaxLength) {
		return r.self.LineLengthExceeded(r.rest)
	}
	return nil
}

// keepRest keeps a copy of the unfinished line and returns the finished ones
// before it: kept before any of them is delivered, it survives whatever their
// delivery does.
func (r *LineOnlyReceiver) keepRest(data []byte) (lines []byte) {
	if len(r.rest) > 0 {
		data = append(r.rest, data...)
	}
	delimiter, end := delimiterOr(r.Delimiter), 0
	for {
		i := bytes.Index(data[end:], delimiter)
		if i < 0 {
			break
		}
		end += i + len(delimiter)
	}
	if end == 0 && len(r.rest) > 0 {
		r.rest = data // grown in place, not copied for each byte that comes
		return nil
	}
	r.rest = append([]byte(nil), data[end:]...)
	return data[:end]
}

// LineLengthExceeded returns ErrLineTooLong, with which the transport closes:
// twisted/protocols/basic.py:479. An override gets the line, or as much of it
// as has come; it is still buffered then.
func (r *LineOnlyReceiver) LineLengthExceeded([]byte) error { return ErrLineTooLong }

// SendLine writes line and the delimiter: twisted/protocols/basic.py:469.
func (r *LineOnlyReceiver) SendLine(line []byte) {
	r.Transport.WriteSequence([][]byte{line, delimiterOr(r.Delimiter)})
}
