package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Wire is the way from a server to a neighbour that it dials, with a toxiproxy in
// its middle. Each link has two, as both of its ends dial.
type Wire struct {
	From, To string
	proxy    *toxiproxy.Proxy
}

var quiet sync.Once

func newWire(from, to, host, target string) (*Wire, error) {
	// Toxics write to a log that is everybody's.
	quiet.Do(func() { zerolog.SetGlobalLevel(zerolog.Disabled) })
	// Nobody asks it over HTTP; it only lends the proxies its counters and its log.
	lender := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w := &Wire{From: from, To: to, proxy: toxiproxy.NewProxy(lender, from+"-"+to, host+":0", target)}
	if err := w.proxy.Start(); err != nil {
		return nil, fmt.Errorf("a proxy from %s to %s: %w", from, to, err)
	}
	return w, nil
}

// address is where the dialler finds it.
func (w *Wire) address() string { return w.proxy.Listen }

// Direction is which way bytes go through a wire.
type Direction string

// The two directions.
const (
	ToAcceptor Direction = "upstream"
	ToDialler  Direction = "downstream"
)

// Poison lets a toxic of toxiproxy's work on one direction, with its attributes by
// their names there, until Cure is called. There may be one of a kind and direction.
func (w *Wire) Poison(kind string, way Direction, attributes map[string]int) error {
	text, err := json.Marshal(map[string]any{"type": kind, "stream": way, "attributes": attributes})
	if err != nil {
		return err
	}
	_, err = w.proxy.Toxics.AddToxicJson(bytes.NewReader(text))
	return err
}

// Cure ends all poisons.
func (w *Wire) Cure() { w.proxy.Toxics.ResetToxics(context.Background()) }

// Cut ends what is open and refuses what is new, until Mend is called.
func (w *Wire) Cut() { w.proxy.Stop() }

// Mend undoes Cut.
func (w *Wire) Mend() error { return w.proxy.Start() }
