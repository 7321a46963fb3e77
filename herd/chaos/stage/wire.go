package stage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Wire is the way from a server to a neighbour that it dials, with a toxiproxy in
// its middle. Each link has two, as both of its ends dial.
//
// Toxics are never changed while something goes through them: toxiproxy holds a lock
// then which a connection that ends at that moment waits for, and both wait for ever.
// So whatever is done to a wire ends its connections, and puts a new proxy in the
// place of the old one; only Swallow works on what is open.
type Wire struct {
	From, To string
	number   int
	target   string

	mu     sync.Mutex
	listen string // where the dialler finds it
	proxy  *toxiproxy.Proxy
}

// Direction is which way bytes go through a wire.
type Direction string

// The two directions.
const (
	ToAcceptor Direction = "upstream"
	ToDialler  Direction = "downstream"
)

// Toxic is one of toxiproxy's, by its name there, with its attributes.
type Toxic struct {
	Kind       string         `json:"type"`
	Way        Direction      `json:"stream"`
	Attributes map[string]int `json:"attributes"`
}

// lender lends proxies its counters and its log; nobody asks it over HTTP.
var lender = sync.OnceValue(func() *toxiproxy.ApiServer {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxics write to a log that is everybody's
	return toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
})

// newWire makes a wire that takes connections at listen. Numbers are used once in a
// process.
func newWire(number int, from, to, listen, target string) (*Wire, error) {
	w := &Wire{From: from, To: to, number: number, target: target, listen: listen}
	return w, w.Mend()
}

// address is where the dialler finds it.
func (w *Wire) address() string { return w.listen }

// Cut ends what is open and refuses what is new, until Mend or Poison is called.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut()
}

func (w *Wire) cut() {
	if w.proxy != nil {
		w.proxy.Stop()
		w.proxy = nil
	}
}

// Mend undoes whatever was done to the wire.
func (w *Wire) Mend() error { return w.Poison() }

// Poison lets toxics work on what goes through the wire, in the place of others that
// did. There may be one of a kind and direction.
func (w *Wire) Poison(toxics ...Toxic) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut()
	swallows.Delete(swallow{w.number, ToAcceptor})
	swallows.Delete(swallow{w.number, ToDialler})
	p := toxiproxy.NewProxy(lender(), w.From+"-"+w.To, w.listen, w.target)
	for _, way := range []Direction{ToAcceptor, ToDialler} {
		toxics = append(toxics, Toxic{throat, way, map[string]int{"wire": w.number, "back": back(way)}})
	}
	for _, t := range toxics {
		text, err := json.Marshal(t)
		if err == nil {
			_, err = p.Toxics.AddToxicJson(bytes.NewReader(text))
		}
		if err != nil {
			return fmt.Errorf("%s on the wire from %s to %s: %w", t.Kind, w.From, w.To, err)
		}
	}
	if err := start(p); err != nil {
		return fmt.Errorf("a proxy from %s to %s: %w", w.From, w.To, err)
	}
	w.listen, w.proxy = p.Listen, p
	return nil
}

// start starts a proxy. A process that is just being made has what we have open for a
// moment, the port of the proxy before this one too.
func start(p *toxiproxy.Proxy) (err error) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for range 250 {
		if err = p.Start(); !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
		<-again.C
	}
	return err
}

// Swallow lets what goes one way vanish, on connections that are open too, until Mend
// is called.
func (w *Wire) Swallow(way Direction) { swallows.Store(swallow{w.number, way}, true) }
