// Command faultyherd is a server of ours with mistakes in it, for bench/peers/compare:
// started as the others' servers are, it does what their --faults do.
//
//	faultyherd reactor --config herd.json --name Gasol
//	faultyherd reactor --config herd.json --name Gasol --asks compute
//
// With --asks compute it is for the bench, and has no other fault than that a WHATSAT asks
// nobody, and has something computed instead.
//
// What a mistake is made of differs by design. On the reactor it is in the order of
// records, which runs while an IAMAT for a client that is known already is carried
// out: an id such as fault-error names the mistake. In goroutines it is in the reading
// of a client's connection, and a line such as FAULT error names it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/gnetreactor"
)

// The mistakes, by the words that name them.
const (
	block     = "block"      // waits where nobody may
	panicking = "error"      // panics
	lost      = "lost error" // fails where nobody looks
)

// slowTurn is what the herd command takes for a slow turn of the loop.
const slowTurn = 10 * time.Millisecond

// errLost is what nobody looks at.
var errLost = errors.New("nobody looks at this error")

// waits is for how long a call blocks.
const waits = 3 * time.Second

// errUsage says how the command is called.
var errUsage = errors.New("usage: faultyherd reactor|goroutine --config FILE --name NAME [--asks compute]")

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "faultyherd:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet("faultyherd", flag.ContinueOnError)
	path := flags.String("config", "", "the herd's config file")
	name := flags.String("name", "", "which of its servers this is")
	asks := flags.String("asks", "", "compute: a WHATSAT has 50 ms computed in place of asking")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	config, _, err := configfile.Read(*path)
	if err != nil {
		return err
	}
	keys, err := configfile.Secret(*path, config)
	if err != nil {
		return err
	}
	log, err := wirelog.Open(wirelog.Options{Path: filepath.Join(config.Log.Dir, *name+".log"), Lines: config.Log.Lines})
	if err != nil {
		return err
	}
	defer log.Close()
	client, err := upstream.New(upstream.Config{Kind: upstream.Twitter{}, URL: config.Upstream.URL})
	if err != nil {
		return err
	}
	defer client.Close()
	onReactor := reactorherd.Options{Name: *name, Config: config, Keys: keys, Upstream: client, Kind: upstream.Twitter{}, Log: log}
	inGoroutines := goroutineherd.Options{Name: *name, Config: config, Keys: keys, Upstream: client, Kind: upstream.Twitter{}, Log: log}
	switch *asks {
	case "":
		makeMistakesOnReactor(&onReactor)
		makeMistakesInGoroutines(&inGoroutines)
	case "compute":
		work := newComputing()
		onReactor.Upstream, inGoroutines.Upstream = work, work
	default:
		return errUsage
	}
	switch args[0] {
	case "reactor":
		return runOnReactor(onReactor)
	case "goroutine":
		return runInGoroutines(inGoroutines)
	}
	return errUsage
}

// makeMistakesOnReactor makes them in the order of records.
func makeMistakesOnReactor(o *reactorherd.Options) {
	future := time.Duration(o.Config.Future)
	o.Faulty.Settings = func(s *herd.Settings) {
		s.Order = func(a, b herd.Record) int {
			switch string(b.ID) {
			case "fault-block":
				time.Sleep(waits)
			case "fault-error":
				panic("a mistake")
			case "fault-lost":
				d := deferred.New[int](nil)
				d.AddCallback(func(int) (int, error) { return 0, errLost })
				d.Callback(1)
				// Go knows that nobody has the Deferred any more once its collector
				// has come by.
				go func() {
					time.Sleep(waits / 30)
					runtime.GC()
				}()
			}
			return herd.Compare(&a, &b, future)
		}
	}
}

func runOnReactor(o reactorherd.Options) error {
	deferred.ReportUnhandled(func(e *deferred.UnhandledError) {
		o.Log.Event(time.Now(), wirelog.Error, "a Deferred ended with an error that nobody took", wirelog.F("error", e))
	})
	loop := gnetreactor.New(gnetreactor.Config{
		Log:      reactorLog{o.Log},
		SlowTurn: slowTurn,
		OnSlowTurn: func(s gnetreactor.SlowTurn) {
			o.Log.Event(time.Now(), wirelog.Warn, "slow turn", wirelog.F("took", s.Took), wirelog.F("longest", s.Callback))
		},
	})
	server, err := reactorherd.New(loop, o)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	return loop.Run()
}

// reactorLog has the server's log tell of errors, panics among them, as the herd
// command has it.
type reactorLog struct{ log *wirelog.Log }

// Msg implements reactor.Logger.
func (l reactorLog) Msg(prefix, message string) {
	l.log.Event(time.Now(), wirelog.Debug, message, wirelog.F("from", prefix))
}

// Err implements reactor.Logger.
func (l reactorLog) Err(prefix string, err error, why string) {
	l.log.Event(time.Now(), wirelog.Error, "an error that nobody took", wirelog.F("from", prefix), wirelog.F("error", err), wirelog.F("why", why))
}

// makeMistakesInGoroutines makes them where a client's connection is read.
func makeMistakesInGoroutines(o *goroutineherd.Options) {
	o.Network.Listen = func(address string) (net.Listener, error) {
		l, err := net.Listen("tcp", address)
		return listener{l}, err
	}
}

func runInGoroutines(o goroutineherd.Options) error {
	server, err := goroutineherd.New(o)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	server.Wait()
	return nil
}

// listener makes connections that make mistakes.
type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return conn{tcp, tcp}, nil
	}
	return c, err
}

// conn hides the connection's descriptor, or the server would read past it.
type conn struct {
	net.Conn
	halves
}

type halves interface {
	CloseRead() error
	CloseWrite() error
}

func (c conn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	what, named := strings.CutPrefix(strings.TrimSpace(string(into[:n])), "FAULT ")
	if !named {
		return n, err
	}
	switch what {
	case block:
		time.Sleep(waits)
	case panicking:
		panic("a mistake")
	case lost:
		go func() { panic(errLost) }()
	}
	return n, err
}
