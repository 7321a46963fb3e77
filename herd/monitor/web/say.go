package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Bounds on what is said on the page at a time, and answered, in bytes.
const (
	maxSaid     = 64 << 10
	maxAnswered = 8 << 20
)

// say sends a server the lines in the body, as a client that then has no more to say,
// and answers with the server's answers, byte for byte.
func (p *Page) say(w http.ResponseWriter, r *http.Request) {
	server, found := p.server(r.URL.Query().Get("server"))
	if !found {
		refuse(w, http.StatusNotFound, "there is no server of that name")
		return
	}
	lines, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSaid))
	if err != nil || len(lines) == 0 {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("say at least one line, and at most %d bytes", maxSaid))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), p.Patience)
	defer cancel()
	answer, err := converse(ctx, server.Clients, lines)
	if err != nil {
		refuse(w, http.StatusBadGateway, fmt.Sprintf("%s has not answered: %s", server.Name, inShort(err)))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream") // of any bytes
	_, _ = w.Write(answer)                                     // fails if nobody waits for it any more
}

var errTooMuch = fmt.Errorf("the answer has more than %d bytes", maxAnswered)

// converse sends lines to a server, and returns all that it answers.
func converse(ctx context.Context, address string, lines []byte) ([]byte, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// A deadline ends what waits, for whatever reason ctx is done.
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	if lines[len(lines)-1] != '\n' {
		lines = append(lines, '\n')
	}
	go func() {
		// A server that does not take it all says why, or ends the connection.
		_, _ = conn.Write(lines)
		_ = conn.(*net.TCPConn).CloseWrite() // "tcp" dials nothing else
	}()
	answer, err := io.ReadAll(io.LimitReader(conn, maxAnswered+1))
	switch {
	case ctx.Err() != nil:
		return nil, errors.New("its answer took too long")
	case err != nil:
		return nil, err
	case len(answer) > maxAnswered:
		return nil, errTooMuch
	}
	return answer, nil
}
