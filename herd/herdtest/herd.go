package herdtest

import "proxyherd/herd"

// Herd is a herd under test: the built-in five servers. Methods that fail end
// the test.
type Herd interface {
	// Connect opens a client's connection.
	Connect(server string) Client
	// At sets the time, where the herd's time can be set.
	At(t herd.Timestamp)
	// ExactTime reports whether it can.
	ExactTime() bool
	// Wait lets the herd run until condition holds; false if that took too
	// long.
	Wait(condition func() bool) bool
	// Kill ends a server as a crash would, Start brings it back.
	Kill(server string)
	Start(server string)
}

// Client is one connection of a client.
type Client interface {
	// Send sends bytes as they are.
	Send(data []byte)
	// End sends no more.
	End()
	// Received is what has come and was not taken yet; Take takes its first n
	// bytes.
	Received() []byte
	Take(n int)
	// Ended reports that no more will come.
	Ended() bool
}
