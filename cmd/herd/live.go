package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/monitor"
	"proxyherd/herd/monitor/web"
)

// usualPage is where the live page is, unless that is taken or another is given.
const usualPage = "127.0.0.1:12400"

// errPageElsewhere is an address of the page's that other machines could reach.
var errPageElsewhere = errors.New("the live page is for this machine alone")

// livePage is the live page of a herd that this process has started.
type livePage struct {
	whereabouts
	listener net.Listener
	page     *web.Page
	end      context.CancelFunc
	ended    chan error
}

// addPage adds the flag that says where the page is.
func addPage(c *cobra.Command, address *string) {
	c.Flags().StringVar(address, "page", *address, "`HOST:PORT` of the live page, on loopback; port 0 is any free port, \"\" is no page")
}

// openPageAt opens the page's port, so that one that is taken is known before any
// server is started; nil if there is to be no page. serve then shows it.
func openPageAt(address string) (*livePage, error) {
	if address == "" {
		return nil, nil
	}
	if err := monitor.CheckAddress(address); err != nil {
		return nil, usageError{fmt.Errorf("%w: --page %q is not on loopback, such as %s", errPageElsewhere, address, usualPage)}
	}
	listener, err := monitor.Listen(address, monitor.Token{})
	if address == usualPage && errors.Is(err, syscall.EADDRINUSE) {
		listener, err = monitor.Listen("127.0.0.1:0", monitor.Token{})
	}
	if err != nil {
		return nil, fmt.Errorf("the live page: %w", err)
	}
	return &livePage{listener: listener, ended: make(chan error, 1)}, nil
}

// serve shows the herd of config until close. What goes wrong later is the page's own
// end, and nobody else's.
func (l *livePage) serve(config herd.Config, stage web.Stage) error {
	token, err := configfile.HTTPToken(config)
	if err != nil {
		return usageError{err}
	}
	l.begin(config)
	l.page = web.New(web.Options{
		Herd: config.Herd, Servers: l.list, Client: newPageClient(token),
		// A server answers a WHATSAT by then, with an error if there is no more.
		Patience: time.Duration(config.Upstream.Timeout) + 5*time.Second,
		Stage:    stage,
	})
	ctx, end := context.WithCancel(context.Background())
	l.end = end
	go func() { l.ended <- l.page.Serve(ctx, l.listener) }()
	return nil
}

// url is where the page is.
func (l *livePage) url() string { return "http://" + l.listener.Addr().String() + "/" }

// close ends the page; nil has nothing to end. The error is why it had ended before.
func (l *livePage) close() error {
	switch {
	case l == nil:
		return nil
	case l.end == nil:
		return l.listener.Close()
	}
	l.end()
	return <-l.ended
}

// whereabouts are the addresses at which servers are dialled. The config has them, but
// for ports that are left to the system, which each server tells when it is ready.
type whereabouts struct {
	mu      sync.Mutex
	servers []web.Server
}

func (w *whereabouts) begin(config herd.Config) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range config.Servers {
		w.servers = append(w.servers, web.Server{Name: s.Name, Clients: s.Clients, HTTP: s.HTTP, TalksTo: s.TalksTo})
	}
}

// ready takes a server's ready line.
func (w *whereabouts) ready(name, news string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.servers {
		if s := &w.servers[i]; s.Name == name {
			s.Clients, s.HTTP = known(s.Clients, readyPart(news, "clients")), known(s.HTTP, readyPart(news, "http"))
		}
	}
}

// known is an address from the config, or where a server listens if that leaves the
// port to the system.
func known(address, bound string) string {
	if _, port, ok := herd.SplitAddress(address); ok && port == 0 {
		return bound
	}
	return address
}

func (w *whereabouts) list() []web.Server {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.servers)
}
