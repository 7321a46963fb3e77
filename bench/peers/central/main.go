// Command central is the herd's service as a central one would be built: an application
// server that keeps nothing itself. Each report is a conditional write into a database,
// committed before its answer leaves, and what a WHATSAT is about is read from there.
//
//	central --config herd.json --name Gasol --database redis://127.0.0.1:6379/0
//	central --config herd.json --name Gasol --database postgres://herd@127.0.0.1:5432/postgres
//
// It is what the bench measures a herd's servers against, which answer from their own
// memory. It is written as is usual in Go: a goroutine for each client, and a pool of
// connections to the database. What a client has sent at once is one round trip, as far
// as the order of its lines allows. It has no neighbours, no log and no bounds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/upstream"
)

// pooled is how many connections to the database there are: more than a core keeps busy,
// so that commits which wait for the disk do so together.
const pooled = 16

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "central:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("central", flag.ContinueOnError)
	path := flags.String("config", "", "the herd's config file")
	name := flags.String("name", "", "which of its servers this is")
	database := flags.String("database", "", "where reports are kept: redis://... or postgres://...")
	pool := flags.Int("pool", pooled, "how many connections to the database there are")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, _, err := configfile.Read(*path)
	if err != nil {
		return err
	}
	own, found := config.Server(*name)
	if !found {
		return fmt.Errorf("%w: %q", herd.ErrUnknownName, *name)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	kept, err := open(ctx, *database, *pool)
	if err != nil {
		return err
	}
	defer kept.close()
	asked, err := upstream.New(upstream.Config{Kind: upstream.Twitter{}, URL: config.Upstream.URL})
	if err != nil {
		return err
	}
	defer asked.Close()
	listener, err := net.Listen("tcp", own.Clients)
	if err != nil {
		return err
	}
	s := &service{
		name: []byte(own.Name), future: time.Duration(config.Future), timeout: time.Duration(config.Upstream.Timeout),
		store: kept, upstream: asked, sessions: map[*session]bool{},
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	return s.serve(listener)
}

// service is what the clients' connections have in common.
type service struct {
	name     []byte
	future   time.Duration
	timeout  time.Duration // of a question to the upstream
	store    store
	upstream *upstream.Client

	mu       sync.Mutex
	sessions map[*session]bool // guarded by mu
	running  sync.WaitGroup
}

// serve takes clients until the listener is closed, and then answers what waits.
func (s *service) serve(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil {
			return err
		}
		c := &session{service: s, conn: conn.(*net.TCPConn)}
		s.mu.Lock()
		s.sessions[c] = true
		s.mu.Unlock()
		s.running.Go(func() {
			if err := c.run(); err != nil {
				fmt.Fprintln(os.Stderr, "central: a client was cut off:", err)
			}
			s.mu.Lock()
			delete(s.sessions, c)
			s.mu.Unlock()
		})
	}
	s.mu.Lock()
	for c := range s.sessions {
		_ = c.conn.SetReadDeadline(time.Now()) // whoever has gone needs none
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}
