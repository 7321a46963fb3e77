package protocols

import "proxyherd/reactor"

// StringProtocol is what a type that embeds NetstringReceiver or one of the
// IntNStringReceivers is once it has StringReceived.
type StringProtocol interface {
	reactor.Protocol

	// StringReceived gets each string without its framing. s is a view, good
	// until the call returns. An error ends the connection.
	StringReceived(s []byte) error
}

const stringReceivedMethod = "StringReceived(s []byte) error"

// DefaultMaxStringLength is the longest string, in bytes, where a receiver's
// MaxLength is not set.
const DefaultMaxStringLength = 99999

func maxStringLengthOr(length int) int {
	if length <= 0 {
		return DefaultMaxStringLength
	}
	return length
}
