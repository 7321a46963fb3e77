package fault

import (
	"context"
	"errors"
	"time"

	"proxyherd/herd/chaos/stage"
)

// toxic makes a fault of a toxic of toxiproxy's, on the wires of a link. Which
// attributes it has, and on which directions it works, is drawn for each hit.
func toxic(name, what, kind string, draw func(*Hit) (map[string]int, []stage.Direction)) Fault {
	return Fault{
		Name: name, What: what,
		Aim: aProxiedLink, Holds: wires, Least: time.Second, Most: 8 * time.Second,
		Start: func(_ context.Context, h *Hit) (func() error, error) {
			attributes, ways := draw(h)
			var toxics []stage.Toxic
			for _, way := range ways {
				toxics = append(toxics, stage.Toxic{Kind: kind, Way: way, Attributes: attributes})
			}
			between := h.Stage.Between(h.On.Link)
			for _, w := range between {
				if err := w.Poison(toxics...); err != nil {
					return nil, err
				}
			}
			return func() error { return mend(between) }, nil
		},
	}
}

func mend(wires []*stage.Wire) (err error) {
	for _, w := range wires {
		err = errors.Join(err, w.Mend())
	}
	return err
}

var bothWays = []stage.Direction{stage.ToAcceptor, stage.ToDialler}

func oneWay(h *Hit) []stage.Direction { return bothWays[h.Random.IntN(2):][:1] }

var blackHole = Fault{
	Name: "black-hole", What: "one direction of a link that is open loses all, and nobody is told",
	Aim: aProxiedLink, Holds: wires, Least: time.Second, Most: 9 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		between, deaf := h.Stage.Between(h.On.Link), h.Random.IntN(2)
		for i, w := range between {
			// Either end may have dialled.
			w.Swallow(bothWays[(i+deaf)%2])
		}
		return func() error { return mend(between) }, nil
	},
}

var delay = toxic("delay", "toxiproxy delays a link, more or less (latency)", "latency",
	func(h *Hit) (map[string]int, []stage.Direction) {
		return map[string]int{"latency": 20 + h.Random.IntN(1500), "jitter": h.Random.IntN(1000)}, bothWays
	})

var slicer = toxic("slicer", "toxiproxy cuts what goes over a link into small pieces, with pauses", "slicer",
	func(h *Hit) (map[string]int, []stage.Direction) {
		return map[string]int{"average_size": 2 + h.Random.IntN(100), "size_variation": 1, "delay": h.Random.IntN(2000)}, bothWays
	})

var limitData = toxic("limit-data", "toxiproxy ends connections of a link after some bytes", "limit_data",
	func(h *Hit) (map[string]int, []stage.Direction) {
		return map[string]int{"bytes": 100 + h.Random.IntN(50000)}, oneWay(h)
	})

var resetPeer = toxic("reset-peer", "toxiproxy resets connections of a link", "reset_peer",
	func(h *Hit) (map[string]int, []stage.Direction) {
		return map[string]int{"timeout": h.Random.IntN(500)}, oneWay(h)
	})

var proxyThrottle = toxic("proxy-throttle", "toxiproxy bounds how much goes over a link (bandwidth)", "bandwidth",
	func(h *Hit) (map[string]int, []stage.Direction) {
		return map[string]int{"rate": 1 + h.Random.IntN(30)}, bothWays
	})
