package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"proxyherd/herd"
	"proxyherd/herd/backbone/natsbone"
	"proxyherd/herd/journal"
	"proxyherd/herd/monitor"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
)

// member is one server of the herd, and what is around it in its process.
type member struct {
	name string
	out  io.Writer       // takes the line that says that it is ready
	echo io.Writer       // takes the log's events
	gone <-chan struct{} // closed when the parent is gone; nil without one

	profiles bool // whether its http port serves profiles

	// read reads the config and the secret again; nil with a parent, which gave them.
	read func() (herd.Config, [][]byte, error)
}

// serve runs the server until a signal or the parent's end stops it, and returns
// nil after an orderly end. Otherwise the error says which part could not be
// started.
func (m *member) serve(ctx context.Context, config herd.Config, keys [][]byte) (err error) {
	given := config
	config, err = resolve(ctx, config, m.name)
	if err != nil {
		return err
	}
	log, err := m.openLog(config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	connections, err := fitDescriptors(&config, log)
	if err != nil {
		return err
	}
	service, err := serviceOf(config.Upstream)
	if err != nil {
		return err
	}
	client, err := upstream.New(service)
	if err != nil {
		return fmt.Errorf("upstream: %w", err)
	}
	defer client.Close()
	saved, err := m.openJournal(config, log)
	if err != nil {
		return err
	}
	if saved != nil {
		// Last of all: what the server took until its end is saved too.
		defer func() { err = errors.Join(err, saved.Close()) }()
	}
	copies, err := m.openSink(config, log)
	if err != nil {
		return err
	}
	if copies != nil {
		defer copies.Close() // when the server has stopped, for what it took until then
	}
	bus, err := m.openBackbone(config)
	if err != nil {
		return err
	}
	if bus != nil {
		defer bus.Close() // what the server says last is sent
	}
	var onlooker *monitor.Sample
	if server, _ := config.Server(m.name); server.HTTP != "" {
		onlooker = monitor.NewSample()
	}
	h, err := m.host(parts{config, keys, connections, client, service.Kind, saved, copies, bus, onlooker, log})
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.start(); err != nil {
		return err
	}
	if copies != nil {
		copies.Start(serverOf(h))
	}
	endPage, page, err := m.openPage(config, log, h, onlooker)
	if err != nil {
		return err // the ports close with the process, which has no more to do
	}
	defer endPage()
	r := reload{read: m.read, loop: h, setKeys: h.setKeys, setLevel: log.SetLevel, log: log, config: given}
	watchSignals(h, log, m.gone, r.again)
	if m.gone == nil { // a child's parent is herd up, which asks in its own way
		defer tellSupervisor(h, log)()
	}
	defer m.announce(h, page)()
	return h.run()
}

// openLog opens the server's own log.
func (m *member) openLog(config herd.Config) (*wirelog.Log, error) {
	level, err := wirelog.ParseLevel(config.Log.Level)
	if err != nil {
		return nil, err
	}
	return wirelog.Open(wirelog.Options{
		Path:       filepath.Join(config.Log.Dir, m.name+".log"),
		Lines:      config.Log.Lines,
		Level:      level,
		QueueBytes: config.Limits.LogQueue,
		Echo:       m.echo,
	})
}

// openJournal opens the server's journal; nil if it has none.
func (m *member) openJournal(config herd.Config, log *wirelog.Log) (*journal.Journal, error) {
	if config.Journal.Dir == "" {
		return nil, nil
	}
	return journal.Open(journal.Options{Dir: config.Journal.Dir, Name: m.name, Fsync: config.Journal.Fsync, Log: log})
}

// openBackbone makes what joins the servers; nil if they are linked to neighbours.
func (m *member) openBackbone(config herd.Config) (*natsbone.Bus, error) {
	b := config.Backbone
	if b.Kind != herd.BackboneNATS {
		return nil, nil
	}
	return natsbone.New(natsbone.Options{URL: b.URL, Name: config.Herd + " " + m.name, Credentials: b.CredentialsFile, CA: b.CAFile})
}

// announce says that the server is ready once its loop turns, unless end is
// called before. Nobody waits for that: standard output may be a pipe that is full.
func (m *member) announce(source host, page string) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if status, err := source.Status(ctx); err == nil {
			fmt.Fprintln(m.out, readyLine(status, page))
		}
	}()
	return cancel
}
