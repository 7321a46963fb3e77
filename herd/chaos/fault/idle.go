package fault

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"

	"proxyherd/herd/chaos/stage"
)

// hold opens connections and says nothing on them, until leave is called.
func hold(ctx context.Context, h *Hit, port stage.Port, n int) (leave func()) {
	var held []*net.TCPConn
	end := time.Now().Add(2 * strangerPatience)
	for range n {
		if conn := h.call(ctx, port); conn != nil {
			held = append(held, conn)
		} else if time.Now().After(end) {
			break // nobody answers
		}
	}
	return func() {
		for _, conn := range held {
			h.hang(conn)
		}
	}
}

var silence = Fault{
	Name: "silence", What: "connections to all ports on which nothing is ever said",
	Aim: aServer, Least: time.Second, Most: 7 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		var leave []func()
		for _, port := range []stage.Port{stage.ClientPort, stage.PeerPort, stage.HTTPPort} {
			leave = append(leave, hold(ctx, h, port, 30))
		}
		return func() error {
			for _, l := range leave {
				l()
			}
			return nil
		}, nil
	},
}

var slowReaders = Fault{
	Name: "slow-readers", What: "clients that send thousands of commands and read no answer",
	Aim: aServer, Least: time.Second, Most: 5 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		const clients, most = 3, 4 << 20
		// Its answer is as long as the line, which is invalid.
		lines := bytes.Repeat(fmt.Appendf(nil, "%0*d\n", 1000, 0), 50)
		talk := func(ctx context.Context) {
			conn := h.call(ctx, stage.ClientPort)
			if conn == nil {
				return
			}
			defer conn.Close()
			_ = conn.SetReadBuffer(4096)
			for sent := 0; sent < most && ctx.Err() == nil; {
				_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
				n, err := conn.Write(lines)
				if sent += n; err != nil && n == 0 && ctx.Err() == nil {
					nap(ctx, 100*time.Millisecond) // it is read no further, as it should be
				}
			}
			<-ctx.Done()
		}
		work := make([]func(context.Context), clients)
		for i := range work {
			work[i] = talk
		}
		return inBackground(ctx, work...), nil
	},
}

var slowWriters = Fault{
	Name: "slow-writers", What: "clients and neighbours that send a byte a second",
	Aim: aServer, Least: 2 * time.Second, Most: 7 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		drip := func(port stage.Port, text string) func(context.Context) {
			return func(ctx context.Context) {
				conn := h.call(ctx, port)
				if conn == nil {
					return
				}
				defer conn.Close()
				for i := 0; i < len(text) && ctx.Err() == nil; i++ {
					if _, err := conn.Write([]byte{text[i]}); err != nil {
						return
					}
					nap(ctx, time.Second)
				}
			}
		}
		return inBackground(ctx, drip(stage.ClientPort, commands[0]), drip(stage.PeerPort, peerLines[1]), drip(stage.HTTPPort, requests[0])), nil
	},
}
