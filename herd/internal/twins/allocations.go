package main

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"strconv"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/gnetreactor"
)

// cost is what a line costs.
type cost struct{ allocations, bytes float64 }

// design runs a server in this process.
type design struct {
	name string
	run  func(config herd.Config) (stop func() error, err error)
}

var designs = [2]design{{"reactor", runReactor}, {"goroutine", runGoroutines}}

const name = "Solo"

var keys = [][]byte{[]byte("a secret that nobody asks for")}

// nobody is an upstream that is not asked.
type nobody struct{}

func (nobody) Fetch(context.Context, upstream.Query) upstream.Result { return upstream.Result{} }

func runReactor(config herd.Config) (stop func() error, err error) {
	loop := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
	s, err := reactorherd.New(loop, reactorherd.Options{Name: name, Config: config, Keys: keys, Upstream: nobody{}, Kind: upstream.Twitter{}})
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- loop.Run() }()
	return func() error {
		loop.CallFromThread(func() { _ = loop.Stop() }) // it runs
		return <-ended
	}, nil
}

func runGoroutines(config herd.Config) (stop func() error, err error) {
	s, err := goroutineherd.New(goroutineherd.Options{Name: name, Config: config, Keys: keys, Upstream: nobody{}, Kind: upstream.Twitter{}})
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		return nil, err
	}
	return func() error {
		s.Stop()
		s.Wait()
		return nil
	}, nil
}

// allocations counts what the process allocates while a client, which itself allocates
// nothing, sends so many lines at a time and gets their answers.
func allocations(d design, lines int) (c cost, err error) {
	ports, err := freeport.Find(1)
	if err != nil {
		return c, err
	}
	config := herd.Default()
	config.Servers = []herd.Server{{Name: name, Clients: ports[0]}}
	stop, err := d.run(config)
	if err != nil {
		return c, err
	}
	defer func() {
		if e := stop(); err == nil {
			err = e
		}
	}()
	conn, err := net.Dial("tcp", ports[0])
	if err != nil {
		return c, err
	}
	defer conn.Close()
	const rounds = 5000
	piece, got := make([]byte, 0, 64*lines), make([]byte, 64<<10)
	round := func(n int) error {
		piece = piece[:0]
		for i := range lines {
			piece = append(piece, "IAMAT client"...)
			piece = strconv.AppendInt(piece, int64(i), 10)
			piece = append(piece, " +34.0-118.0 1700000000."...)
			piece = strconv.AppendInt(piece, int64(100_000_000+n), 10) // nine digits
			piece = append(piece, '\n')
		}
		_, err := conn.Write(piece)
		for answers := 0; err == nil && answers < lines; {
			var read int
			read, err = conn.Read(got)
			answers += bytes.Count(got[:read], []byte{'\n'})
		}
		return err
	}
	for n := range 100 { // until all buffers are there
		if err = round(n); err != nil {
			return c, err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for n := range rounds {
		if err = round(1000 + n); err != nil {
			return c, err
		}
	}
	runtime.ReadMemStats(&after)
	sent := float64(rounds * lines)
	c.allocations = float64(after.Mallocs-before.Mallocs) / sent
	c.bytes = float64(after.TotalAlloc-before.TotalAlloc) / sent
	return c, nil
}
