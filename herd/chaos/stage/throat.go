package stage

import (
	"sync"

	"github.com/Shopify/toxiproxy/v2/toxics"
)

// throat is the name of a toxic of our own: each wire has one in each direction.
const throat = "herd_throat"

// swallow is a direction of a wire.
type swallow struct {
	wire int
	way  Direction
}

// swallows has those directions in which everything vanishes.
var swallows sync.Map

// throatToxic lets everything through, or nothing. Toxiproxy makes them from their
// attributes alone, so they find out by these which of the two it is.
type throatToxic struct {
	Wire int `json:"wire"`
	Back int `json:"back"` // 1 on the way to the dialler
}

// back is the attribute of that name.
func back(way Direction) int {
	if way == ToDialler {
		return 1
	}
	return 0
}

// Pipe implements toxics.Toxic.
func (t *throatToxic) Pipe(stub *toxics.ToxicStub) {
	where := swallow{t.Wire, [...]Direction{ToAcceptor, ToDialler}[t.Back]}
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil { // the end
				stub.Close()
				return
			}
			if _, vanishes := swallows.Load(where); !vanishes {
				stub.Output <- chunk
			}
		}
	}
}

func init() { toxics.Register(throat, new(throatToxic)) }
