package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"proxyherd/herd/chaos/account"
	"proxyherd/herd/chaos/stage"
)

// patience bounds each wait for a server. One that has been stopped or cut off is
// left to itself then.
const patience = 5 * time.Second

// errNobody is a server that has no process now.
var errNobody = errors.New("the server is down")

// connection is a client's connection to one life of a server.
type connection struct {
	net.Conn
	answers *bufio.Reader
	life    account.Life
}

// dial connects to a server. That it is the same life before and after tells which
// one it is that answers.
func dial(ctx context.Context, s *stage.Stage, server string) (*connection, error) {
	before := s.Life(server)
	if before == nil {
		return nil, errNobody
	}
	d := net.Dialer{Timeout: patience}
	conn, err := d.DialContext(ctx, "tcp", s.Address(server, stage.ClientPort))
	if err != nil {
		return nil, err
	}
	if s.Life(server) != before {
		return nil, errors.Join(errNobody, conn.Close())
	}
	return &connection{conn, bufio.NewReaderSize(conn, 64<<10), account.Life{Server: server, Number: before.Number}}, nil
}

// send writes commands within the bound that holds for their answers too.
func (c *connection) send(text []byte) error {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := c.Write(text)
	return err
}

// line reads a line of an answer, without its end.
func (c *connection) line() ([]byte, error) {
	text, err := c.answers.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.life.Server, err)
	}
	return text[:len(text)-1], nil
}
