package load

import "math/rand/v2"

// zipfExponent makes the most frequent of 2,000 clients report some 15 % of all.
const zipfExponent = 1.1

// population is the clients of one connection: every so many of all of them, so that no
// client is on two connections and its reports have one order.
type population struct {
	first, step, count uint32
	random             *rand.Rand
	zipf               *rand.Zipf // nil: all as often
	reports            []uint32   // of each client, if they move
	unseen             bool       // they come in turn
	turn               uint32     // whose it is
	loaded             uint32     // how many have been reported by a preload
}

func newPopulation(o *Options, connection int) population {
	p := population{
		first: uint32(connection), step: uint32(o.Connections),
		count:  uint32((o.Clients - connection + o.Connections - 1) / o.Connections),
		random: rand.New(rand.NewPCG(o.Seed, uint64(connection))),
	}
	switch o.IDs {
	case Zipf:
		p.zipf = rand.NewZipf(p.random, zipfExponent, 1, uint64(p.count-1))
	case Unseen:
		p.unseen = true
		p.turn = uint32((o.Known-connection+o.Connections-1)/o.Connections) % p.count
	}
	if o.IDs == Moving || o.Dialect == RedisGeoAdd {
		p.reports = make([]uint32, p.count)
	}
	return p
}

// next chooses a client of this connection, as a number from 0 to count-1.
func (p *population) next() uint32 {
	if p.zipf != nil {
		return uint32(p.zipf.Uint64())
	}
	if p.unseen {
		own := p.turn
		p.turn = (own + 1) % p.count
		return own
	}
	return p.random.Uint32N(p.count)
}

// client is that client's number among all.
func (p *population) client(own uint32) uint32 { return p.first + own*p.step }

// appendPlace appends where a client is, which moves it on if it moves at all.
func (p *population) appendPlace(b []byte, a *atlas, own uint32) []byte {
	if p.reports == nil {
		return a.appendHome(b, p.client(own))
	}
	p.reports[own]++
	return a.appendTravelled(b, p.client(own), p.reports[own])
}
