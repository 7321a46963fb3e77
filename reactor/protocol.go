package reactor

// Protocol speaks on one connection: twisted/internet/interfaces.py:1777
// IProtocol. The reactor calls MakeConnection once, DataReceived while bytes
// come, and ConnectionLost exactly once at the end. Embed protocols.Protocol,
// or a base that embeds it, and override what matters.
type Protocol interface {
	// MakeConnection keeps the transport and calls self.ConnectionMade.
	MakeConnection(self Protocol, transport Transport)

	// ConnectionMade tells that the connection is there and may be written to.
	ConnectionMade()

	// DataReceived hands over 1 to 65,536 bytes, cut anywhere. data belongs to
	// the reactor and is overwritten after the call returns. An error closes
	// the connection at once, unsent output dropped, with it as the reason.
	DataReceived(self Protocol, data []byte) error

	// ConnectionLost tells that the connection is gone and why: an error that
	// is ErrConnectionDone after a clean end, ErrConnectionLost otherwise, or
	// what DataReceived returned.
	ConnectionLost(reason error)
}

// HalfCloseableProtocol is a Protocol that goes on with one direction after the
// other has ended: twisted/internet/interfaces.py:1891 IHalfCloseableProtocol.
// Without it the peer's end of stream ends the whole connection.
type HalfCloseableProtocol interface {
	// ReadConnectionLost tells that the peer will send no more.
	ReadConnectionLost()
	// WriteConnectionLost tells that LoseWriteConnection has been carried out.
	WriteConnectionLost()
}

// Factory makes protocols for a port or a connector:
// twisted/internet/interfaces.py:1945 IProtocolFactory. Embed
// factories.Factory and add BuildProtocol.
type Factory interface {
	// BuildProtocol makes the protocol for a connection with addr; nil refuses
	// the connection, which is closed at once.
	BuildProtocol(addr Address) Protocol

	// DoStart and DoStop are called by each port and connector that uses the
	// factory; the first start and the last stop reach the application as
	// StartFactory and StopFactory.
	DoStart(self Factory)
	DoStop(self Factory)
}

// ClientFactory is a Factory that is told how its connector fares:
// twisted/internet/protocol.py:128 ClientFactory. Each method is called on the
// loop; inside the last two the connector's state is already Disconnected, and
// calling its Connect there starts again.
type ClientFactory interface {
	Factory
	StartedConnecting(connector Connector)
	ClientConnectionFailed(connector Connector, reason error)
	ClientConnectionLost(connector Connector, reason error)
}

// LoggingContext names who speaks in a log line:
// twisted/internet/interfaces.py:1543 ILoggingContext.
type LoggingContext interface {
	LogPrefix() string
}
