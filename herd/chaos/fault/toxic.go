package fault

import (
	"context"
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
			between := h.Stage.Between(h.On.Link)
			cure := func() error {
				for _, w := range between {
					w.Cure()
				}
				return nil
			}
			attributes, ways := draw(h)
			for _, w := range between {
				for _, way := range ways {
					if err := w.Poison(kind, way, attributes); err != nil {
						return nil, err
					}
				}
			}
			return cure, nil
		},
	}
}

var bothWays = []stage.Direction{stage.ToAcceptor, stage.ToDialler}

func oneWay(h *Hit) []stage.Direction { return bothWays[h.Random.IntN(2):][:1] }

var blackHole = toxic("black-hole", "toxiproxy swallows one direction of a link", "timeout",
	func(h *Hit) (map[string]int, []stage.Direction) { return map[string]int{"timeout": 0}, oneWay(h) })

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
