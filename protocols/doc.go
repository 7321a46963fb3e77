// Package protocols has the bases that a protocol embeds: Protocol itself, the
// receivers that cut a stream into lines or strings, and two mixins
// (twisted/internet/protocol.py, twisted/protocols/basic.py and the
// TimeoutMixin of twisted/protocols/policies.py).
//
//	type Session struct {
//		protocols.LineReceiver
//	}
//
//	func (s *Session) LineReceived(line []byte) error {
//		s.SendLine(line)
//		return nil
//	}
//
// What the outer type must supply, such as LineReceived, no base has; a type
// that forgot it is named, with the method, in a panic at MakeConnection.
//
// # Errors instead of true values
//
// Where a callback of Twisted's stops its receiver by returning a true value,
// one of ours returns an error: the receiver delivers no more, keeps the rest,
// and returns the error from DataReceived, whereupon the transport closes with
// it as the reason.
//
// # Whose bytes
//
// What a receiver hands over is a view, as a rule straight into the reactor's
// read buffer: it is good during the call, and to be copied by who keeps it.
package protocols
