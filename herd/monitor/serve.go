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

// Pages is what a server shows, and to whom. Its functions are called from several
// goroutines at once; each takes what it returns on the server's loop, before ctx
// is done, and its error says why there is nothing, such as a loop that has ended.
type Pages struct {
	// Status returns a copy of the server's status. Required.
	Status func(ctx context.Context) (herd.Status, error)

	// Measures returns what the server counts. nil: there is no /metrics.
	Measures func(ctx context.Context) (Measures, error)

	// Connections returns a piece of the clients' connections and where the next
	// begins: the first begins at math.MaxInt, and 0 is the end. A connection may
	// be in two of them. nil: there is no /connections.json.
	Connections func(ctx context.Context, before int) (piece []Connection, next int, err error)

	// Sample is the server's onlooker, and Walk begins a walk over its records. nil:
	// there are no /live and /records for those who look on. Future is Config.Future.
	Sample *Sample
	Walk   func() Walk
	Future time.Duration

	// Token is asked of every request. The zero value asks for nothing, and is for
	// loopback alone.
	Token Token

	// Profiles says that there is /debug/pprof/. A profile of the processor slows
	// the server down while it is taken, and shows much of it.
	Profiles bool
}

// Serve answers on listener until ctx is done, gives the answers under way a
// second, and returns nil. It returns early with what made the listener fail. The
// listener is closed in any case.
func Serve(ctx context.Context, listener net.Listener, pages Pages) error {
	server := newServer(pages)
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { closed <- shutDown(server) })
	err := server.Serve(listener)
	if stop() { // the listener failed before ctx was done
		return errors.Join(err, server.Close())
	}
	return <-closed
}

// How long one that asks may take.
const (
	writeTimeout = 10 * time.Second
	// profileTimeout is for a profile, which is taken for as long as is asked for,
	// 30 seconds unless something else is said.
	profileTimeout = 2 * time.Minute
)

// newServer bounds what one that asks may take: the questions are a line, and
// nobody has a reason to be slow.
func newServer(pages Pages) *http.Server {
	timeout := writeTimeout
	if pages.Profiles {
		timeout = profileTimeout
	}
	onlookers := newLive(pages)
	server := &http.Server{
		Handler:           pages.Token.guard(pages.mux(onlookers)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      timeout,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	server.RegisterOnShutdown(onlookers.end)
	return server
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
