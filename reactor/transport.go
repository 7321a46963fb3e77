package reactor

import "proxyherd/reactor/deferred"

// Transport is a protocol's connection:
// twisted/internet/interfaces.py:1975 ITransport, with the consumer, the push
// producer and the abort that every transport of Twisted's core has too.
//
// Writing never fails and never blocks: what cannot be sent is kept, and what
// is written after the end is dropped. Whoever writes without end registers a
// producer, or pauses what makes it write.
type Transport interface {
	Consumer
	PushProducer

	// WriteSequence is Write of all parts together: a push producer is paused
	// once at most.
	WriteSequence(data [][]byte)

	// LoseConnection ends the connection once everything written, and what is
	// written before that is done, has been sent; nothing more is read. A pull
	// producer, or a paused push producer, must unregister first. It never
	// calls ConnectionLost before it returns, except where the write half was
	// already closed.
	LoseConnection()

	// AbortConnection ends the connection now, dropping what was not sent; the
	// peer sees a reset. ConnectionLost follows in the next turn.
	AbortConnection()

	// Disconnecting reports that LoseConnection was called.
	Disconnecting() bool

	// GetPeer is the address of the other side, also after the end; GetHost of
	// this one, and after the end it may be without a host.
	GetPeer() Address
	GetHost() Address
}

// TCPTransport is what a reactor's connections are:
// twisted/internet/interfaces.py:2036 ITCPTransport, and SetFlushOrder and Unsent,
// which Twisted has not.
type TCPTransport interface {
	Transport

	// LoseWriteConnection ends our direction once everything written has been
	// sent. Reading goes on.
	LoseWriteConnection()

	// GetTcpNoDelay and SetTcpNoDelay turn Nagle's algorithm off and on;
	// GetTcpKeepAlive and SetTcpKeepAlive the kernel's keep-alive probes. The
	// errors are the system's, or ErrConnectionClosed after the end.
	GetTcpNoDelay() (bool, error)
	SetTcpNoDelay(enabled bool) error
	GetTcpKeepAlive() (bool, error)
	SetTcpKeepAlive(enabled bool) error

	// SetFlushOrder says when in a turn this connection's output is handed to
	// the system: everything of a lower order goes before everything of a
	// higher one.
	SetFlushOrder(order FlushOrder)

	// Unsent returns how many bytes were written that the system has not taken, and
	// may still take: none after AbortConnection.
	Unsent() int
}

// FlushOrder is a place in the order in which a turn's output leaves. The zero
// value is FlushNormal.
type FlushOrder int8

// The places, from the first to leave to the last.
const (
	FlushFirst  FlushOrder = -1
	FlushNormal FlushOrder = 0
	FlushLast   FlushOrder = 1
)

// Consumer takes what producers make: twisted/internet/interfaces.py:1669
// IConsumer.
type Consumer interface {
	// RegisterProducer lets producer write here. A streaming (push) producer is
	// told to pause when more than 65,536 bytes wait and to resume when none
	// do; a pull producer is asked for more, the first time at once, whenever
	// none do. It returns ErrProducerRegistered if there is one already. After
	// the connection's end the producer is stopped instead.
	RegisterProducer(producer Producer, streaming bool) error
	// UnregisterProducer lets the producer go, if there is one.
	UnregisterProducer()
	// Write sends data, in order, after the current callback. data is copied:
	// it is the caller's again when Write returns.
	Write(data []byte)
}

// Producer is what every producer can be told:
// twisted/internet/interfaces.py:1720 IProducer.
type Producer interface {
	// StopProducing says that nobody wants more, for ever.
	StopProducing()
	// ResumeProducing asks a push producer to go on, a pull producer for one
	// piece.
	ResumeProducing()
}

// PushProducer writes when it likes until paused:
// twisted/internet/interfaces.py:1737 IPushProducer. A transport is one, of the
// bytes that it reads.
type PushProducer interface {
	Producer
	// PauseProducing stops the flow until ResumeProducing.
	PauseProducing()
}

// ListeningPort is an open port: twisted/internet/interfaces.py:1513
// IListeningPort.
type ListeningPort interface {
	// StartListening opens the port again after StopListening. A failure is a
	// *CannotListenError.
	StartListening() error
	// StopListening closes the port; connections accepted before live on. The
	// Deferred fires when the port is closed and may be bound again. On a port
	// that is not listening it returns nil.
	StopListening() *deferred.Deferred[struct{}]
	// GetHost is the address that is listened on.
	GetHost() Address
}

// Connector makes and remakes one connection:
// twisted/internet/interfaces.py:24 IConnector.
type Connector interface {
	// Connect starts an attempt; ErrConnectorBusy unless Disconnected.
	Connect() error
	// StopConnecting gives up the attempt under way: the factory hears of it,
	// with ErrUser, before the call returns. ErrNotConnecting if there is none.
	StopConnecting() error
	// Disconnect gives up the attempt under way or loses the connection.
	Disconnect()
	// GetDestination is where it connects to, as given to ConnectTCP.
	GetDestination() Address
	// State tells how far it is.
	State() ConnectorState
}

// ConnectorState is how far a connector is:
// twisted/internet/base.py:1025 state.
type ConnectorState int

// A connector's states: twisted/internet/base.py:1025 state.
const (
	Disconnected ConnectorState = iota
	Connecting
	Connected
)

// String names the state as Twisted does.
func (s ConnectorState) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Connected:
		return "connected"
	}
	return "disconnected"
}
