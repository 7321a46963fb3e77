package fault

import (
	"context"
	"fmt"
	"time"

	"proxyherd/herd/chaos/stage"
)

var cut = Fault{
	Name: "cut", What: "nftables drop all between two neighbours",
	Needs: []stage.Need{stage.Namespaces, stage.NFT, stage.Direct},
	Aim:   aDirectLink, Least: time.Second, Most: 9 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		return h.Stage.Filter(h.On.Link[0], []string{h.from(1)}, []string{h.to(1)})
	},
}

var cutOneWay = Fault{
	Name: "cut-one-way", What: "nftables drop what one neighbour gets of another",
	Needs: []stage.Need{stage.Namespaces, stage.NFT, stage.Direct},
	Aim:   aDirectLink, Least: time.Second, Most: 9 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		deaf := h.Random.IntN(2)
		return h.Stage.Filter(h.On.Link[deaf], []string{h.from(1 - deaf)}, nil)
	},
}

// from and to are rules that drop what comes from, or goes to, one end of the link.
func (h *Hit) from(end int) string { return "ip saddr " + h.Stage.Host(h.On.Link[end]) + " drop" }
func (h *Hit) to(end int) string   { return "ip daddr " + h.Stage.Host(h.On.Link[end]) + " drop" }

var isolate = Fault{
	Name: "isolate", What: "nftables drop all that a server sends and gets",
	Needs: []stage.Need{stage.Namespaces, stage.NFT},
	Aim:   aServer, Least: time.Second, Most: 9 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		return h.Stage.Filter(h.server(), []string{`iifname "eth0" drop`}, []string{`oifname "eth0" drop`})
	},
}

var loss = Fault{
	Name: "loss", What: "nftables drop some packets of a server's, by chance",
	Needs: []stage.Need{stage.Namespaces, stage.NFT},
	Aim:   aServer, Least: time.Second, Most: 8 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		some := fmt.Sprintf(`numgen random mod 100 < %d drop`, 2+h.Random.IntN(30))
		return h.Stage.Filter(h.server(), []string{`iifname "eth0" ` + some}, []string{`oifname "eth0" ` + some})
	},
}

var throttle = Fault{
	Name: "throttle", What: "the kernel's token bucket (tbf) bounds what a server sends and gets",
	Needs: []stage.Need{stage.Namespaces, stage.TBF},
	Aim:   aServer, Holds: "card of ", Least: 2 * time.Second, Most: 8 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		return h.Stage.Throttle(h.server(), fmt.Sprintf("%dkbit", 64<<h.Random.IntN(5)))
	},
}

// wires is what faults hold that work on the proxies of a link.
const wires = "wires of "

var proxyCut = Fault{
	Name: "proxy-cut", What: "the proxies of a link end all connections, and take no more",
	Aim: aProxiedLink, Holds: wires, Least: 500 * time.Millisecond, Most: 6 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		between := h.Stage.Between(h.On.Link)
		for _, w := range between {
			w.Cut()
		}
		return func() error { return mend(between) }, nil
	},
}
