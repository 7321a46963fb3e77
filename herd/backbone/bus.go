package backbone

// Message is what a Bus carries.
type Message struct {
	Subject string
	Reply   string // the subject for answers; "": none are awaited
	Data    []byte

	// Unheard is for a message that the bus itself sends to a Reply: nobody listens at
	// the subject of what asked for it. Data is empty then.
	Unheard bool
}

// MaxData is the most bytes of a message's Data: a Bus must carry so many.
const MaxData = 128 << 10

// Bus carries messages at most once: any may be lost, and those of one sender come in
// their order or not at all. A subject is a few tokens with dots between them.
type Bus interface {
	// Start connects, for as long as the bus is there, and has to told what comes. The
	// subjects are listened to; the last token of one may be "*", for any one token.
	// It is called once, before Publish, and does not wait.
	Start(subjects []string, to Receiver)

	// Publish sends a message to all others who listen to its subject, and keeps its
	// Data, which must not be changed. It waits for nothing, and reports whether the
	// message is on its way; it is not while there is no connection, or too much waits.
	Publish(m Message) bool
}

// Receiver is told what happens on a Bus. Its methods may be called on any goroutine,
// one at a time, and wait for nothing.
type Receiver interface {
	// Opened says that there is a connection, and that the subjects are listened to.
	Opened()
	// Lost says that there is none any more, and why.
	Lost(why error)
	// Missed says that messages were dropped on their way here.
	Missed()
	// Received gives messages, in the order in which they came. taken is called once
	// they have been heeded; a Bus that has many waits for that.
	Received(batch []Message, taken func())
}
