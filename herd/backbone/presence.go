package backbone

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// peer is another member.
type peer struct {
	name  string
	boot  herd.Boot
	heard time.Time
	beat  uint64 // the number of its last presence

	bits     int      // log2 of its buckets
	agrees   bool     // it hashes records as we do: its shards and sums are ours
	has      []bool   // by shard
	roots    []uint64 // of what it has
	before   []uint64 // one beat before that
	messages []uint64 // the number of the last, by shard; 0: none has come
}

// The lines of a presence: what the member's digest is, and what of each shard that it
// holds is the sum. Or that it leaves.
const (
	digestVerb = "DIGEST" // <log2 of buckets> <the key's id>
	shardVerb  = "SHARD"  // <number> <sum in 16 hex digits>
	leaving    = "BYE"
)

// sayHere publishes our presence.
func (m *Member) sayHere() {
	body := fmt.Appendf(nil, "%s %d %s\n", digestVerb, m.o.Bits, m.o.Key.ID())
	for _, s := range m.shards {
		body = fmt.Appendf(body, "%s %d %016x\n", shardVerb, s.number, m.part(s.number).Root())
	}
	m.publish(here, "", body)
}

func (m *Member) part(number int) part {
	return part{m.o.Host.Holdings(), m.o.Shards.bits, number}
}

// beat is what is done every now and then.
func (m *Member) beat() {
	m.next = m.o.Host.Later(BeatEvery, m.beat)
	now := m.o.Host.Now()
	for _, p := range slices.Clone(m.peers) {
		if now.Sub(p.heard) >= SilenceMost {
			m.gone(p, "silence")
		}
	}
	m.sayHere()
	m.compare()
}

// presence takes what another member says about itself.
func (m *Member) presence(h head, body []byte) {
	if h.from == m.o.Name {
		m.twin()
		return
	}
	p := m.peer(h.boot)
	if strings.HasPrefix(string(body), leaving) {
		if p != nil && h.number > p.beat {
			m.gone(p, "server_stopping")
		}
		return
	}
	fresh := p == nil
	if fresh {
		n := m.o.Shards.Count()
		p = &peer{name: h.from, boot: h.boot, messages: make([]uint64, n), before: make([]uint64, n), roots: make([]uint64, n), has: make([]bool, n)}
	} else if h.number <= p.beat {
		return // said before
	}
	if !p.read(body, m) {
		m.refuse(h, errNoHead)
		return
	}
	p.beat, p.heard = h.number, m.o.Host.Now()
	if fresh {
		m.join(p)
	}
}

// join takes a member that was not known.
func (m *Member) join(p *peer) {
	at, _ := slices.BinarySearchFunc(m.peers, p, func(a, b *peer) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.boot, b.boot))
	})
	m.peers = slices.Insert(m.peers, at, p)
	m.o.Host.Event(wirelog.Info, "peer found", wirelog.F("peer", p.name), wirelog.F("boot", p.boot.String()))
	if !p.agrees {
		m.tell("digest "+p.name, "peer compares nothing", p.name, errOtherDigest)
	}
	m.sayHere() // so that it knows us before the next beat
	for _, s := range m.shards {
		s.due = s.due || p.has[s.number] && s.checked.IsZero()
	}
	m.compare()
}

// read takes the lines of a presence.
func (p *peer) read(body []byte, m *Member) (ok bool) {
	ok, p.agrees = true, false
	copy(p.before, p.roots)
	clear(p.has)
	eachLine(body, func(line []byte) {
		f := strings.Fields(string(line))
		if len(f) != 3 {
			ok = false
			return
		}
		n, err := strconv.Atoi(f[1])
		switch {
		case err != nil || n < 0:
			ok = false
		case f[0] == digestVerb:
			p.bits, p.agrees = n, f[2] == m.o.Key.ID() && n > m.o.Shards.bits && n <= 62
		case f[0] == shardVerb && n < len(p.has):
			p.has[n] = true
			p.roots[n], err = strconv.ParseUint(f[2], 16, 64)
			ok = ok && err == nil
		}
	})
	return ok
}

// gone takes a member out of the books.
func (m *Member) gone(p *peer, why string) {
	at := slices.Index(m.peers, p)
	if at < 0 {
		return // it has been noticed otherwise
	}
	m.peers = slices.Delete(m.peers, at, at+1)
	m.o.Host.Event(wirelog.Info, "peer gone", wirelog.F("peer", p.name), wirelog.F("reason", why))
}

// peer finds a member; nil if it is not known.
func (m *Member) peer(boot herd.Boot) *peer {
	for _, p := range m.peers {
		if p.boot == boot {
			return p
		}
	}
	return nil
}

var errTwin = errors.New("two servers run under our name: stop one of them")

// twin takes note of another server of our name. What one says that has just been
// killed may still be on its way.
func (m *Member) twin() {
	if m.o.Host.Now().Sub(m.started) > SilenceMost {
		m.status.Twins++
		m.tell("twin", "two servers under our name", m.o.Name, errTwin)
	}
}
