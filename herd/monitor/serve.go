package monitor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"proxyherd/herd"
)

// patience is how long the loop may take to answer. A turn over 10 ms is worth a
// line in the log; one over a second is a server that is not well.
const patience = time.Second

// Source is where the page's news comes from.
type Source interface {
	// Status returns a copy of the server's status, taken on its loop, before ctx
	// is done. The error says why there is none, such as a loop that has ended.
	// It is called from several goroutines at once.
	Status(ctx context.Context) (herd.Status, error)
}

// Serve answers on listener until ctx is done, gives the answers under way a
// second, and returns nil. It returns early with what made the listener fail. The
// listener is closed in any case.
func Serve(ctx context.Context, listener net.Listener, source Source) error {
	server := newServer(source)
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { closed <- shutDown(server) })
	err := server.Serve(listener)
	if stop() { // the listener failed before ctx was done
		return errors.Join(err, server.Close())
	}
	return <-closed
}

// newServer bounds what one that asks may take: the questions are a line, the
// answers a few kilobytes, and nobody has a reason to be slow on loopback.
func newServer(source Source) *http.Server {
	return &http.Server{
		Handler:           pages(source),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
}

func shutDown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}
