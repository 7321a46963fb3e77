package fault

import (
	"context"
	"io"
	"net"
	"time"

	"proxyherd/herd/chaos/stage"
)

// strangerPatience bounds how long a stranger waits for a server, which may be down
// or stopped.
const strangerPatience = time.Second

// call connects to a port of the server that is hit; nil if that cannot be done now.
func (h *Hit) call(ctx context.Context, port stage.Port) *net.TCPConn {
	d := net.Dialer{Timeout: strangerPatience}
	conn, err := d.DialContext(ctx, "tcp", h.Stage.Address(h.server(), port))
	if err != nil {
		return nil
	}
	return conn.(*net.TCPConn)
}

// hang ends a connection, now and then with a reset.
func (h *Hit) hang(conn *net.TCPConn) {
	if h.Random.IntN(3) == 0 {
		_ = conn.SetLinger(0)
	}
	_ = conn.Close() // a stranger cares for nothing
}

// strike sends something to a port and reads on for a moment.
func (h *Hit) strike(ctx context.Context, port stage.Port, text []byte) {
	conn := h.call(ctx, port)
	if conn == nil {
		nap(ctx, 50*time.Millisecond)
		return
	}
	defer h.hang(conn)
	_ = conn.SetDeadline(time.Now().Add(time.Duration(h.Random.Int64N(int64(strangerPatience)))))
	if _, err := conn.Write(text); err != nil {
		return
	}
	switch h.Random.IntN(3) {
	case 0:
		return // cut in the middle of what it was
	case 1:
		_ = conn.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, 64<<10))
}

// strangers strike a port again and again.
func strangers(name, what string, port stage.Port, text func(*Hit) []byte) Fault {
	return Fault{
		Name: name, What: what,
		Aim: aServer, Least: time.Second, Most: 5 * time.Second,
		Start: func(ctx context.Context, h *Hit) (func() error, error) {
			return inBackground(ctx, func(ctx context.Context) {
				for ctx.Err() == nil {
					h.strike(ctx, port, text(h))
					nap(ctx, 5*time.Millisecond)
				}
			}), nil
		},
	}
}

var hostileClients = strangers("hostile-clients", "random and mutated bytes, endless and half lines on the port for clients",
	stage.ClientPort, func(h *Hit) []byte { return nonsense(h.Random, commands) })

var hostilePages = strangers("hostile-pages", "the same on the http port",
	stage.HTTPPort, func(h *Hit) []byte { return nonsense(h.Random, requests) })

var hostilePeers = strangers("hostile-peers", "the same on the port for neighbours, also after a good HELLO",
	stage.PeerPort, func(h *Hit) []byte { return nonsense(h.Random, append(h.hellos(), peerLines...)) })
